/* Where the caret is, when keys come fast. Browsers tell of a caret that has moved (`selectionchange`) only after the
   keys that moved it; ProseMirror believes until then that it is where it was: it splits the paragraph there at Enter,
   and puts the caret back there a moment after a click or the focus. So before each of these it has to look. */

import { Extension, pm } from "../django_prose_editor/editor.js";

const FOCUS_MS = 20; // after the focus ProseMirror sets the caret once more; what is asked for first is done first

export const Caret = Extension.create({
  name: "caret",
  addProseMirrorPlugins() {
    let keys = 0; // pressed since the text has the focus: without any it is the browser that moves the caret
    const look = (view) => { if (keys && !view.isDestroyed && !view.composing) view.domObserver.flush(); };
    const soon = (milliseconds) => (view) => void setTimeout(() => look(view), milliseconds);
    return [new pm.state.Plugin({
      props: {
        handleDOMEvents: {
          focus: (view) => { keys = 0; soon(FOCUS_MS)(view); },
          mouseup: soon(0),
          keydown: (view) => { look(view); keys += 1; },
        },
      },
    })];
  },
});
