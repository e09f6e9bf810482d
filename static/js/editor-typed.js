/* A text that can be written in before the editor is there: the browser writes into it by itself, this browser keeps it
   as it keeps the editor's own drafts, and the editor takes it over with the caret where it is. */

import { Pasted } from "./editor-pasted.js";
import { trouble } from "./editor-send.js";
import { stored } from "./editor-stored.js";
import { announce } from "./page.js";

const DRAFT_MS = 500, REST_MS = 20;

export class Typed {
  /** `isLeft`: something from before is kept here, and comes first: until the editor has it, nothing is typed. */
  constructor({ text, title, state, draft, isLeft, revision }) {
    Object.assign(this, { text, title, state, draft, isLeft, revision });
    this.pasted = new Pasted(text);
    this.busy = new Set(); // what must not be cut short: a letter and its accent, a text that is being selected
    this.isChanged = this.isWaiting = this.isGone = false;
    for (const one of text.querySelectorAll("br")) one.dataset.stored = "";
    if (!text.hasChildNodes()) text.append(document.createElement("p"));
    for (const empty of text.querySelectorAll(":is(h1, h2, h3, h4, p):empty")) empty.append(document.createElement("br"));
    text.contentEditable = !isLeft;
    document.execCommand("defaultParagraphSeparator", false, "p");
    this.listen();
  }

  listen() {
    this.over = new AbortController();
    const on = (target, types, does) => {
      for (const type of types.split(" ")) target.addEventListener(type, does, { signal: this.over.signal });
    };
    on(this.text, "input", () => this.changed());
    on(this.title, "input", () => this.changed());
    on(this.text, "paste", (event) => {
      this.pasted.take(event);
      this.changed();
    });
    on(this.text, "compositionstart", () => this.busy.add("composition"));
    on(this.text, "compositionend", () => this.busy.delete("composition"));
    on(this.text, "pointerdown", () => this.busy.add("pointer"));
    on(window, "pointerup pointercancel dragend blur", () => this.busy.delete("pointer"));
    on(window, "pagehide", () => this.isChanged && this.keep());
    on(document, "visibilitychange", () => document.hidden && this.isChanged && this.keep());
  }

  changed() {
    this.isChanged = true;
    this.timer ??= setTimeout(() => this.keep(), DRAFT_MS);
    if (!this.isWaiting && !this.isGone) this.state.textContent = "Alterações ainda não salvas";
  }

  keep() {
    clearTimeout(this.timer);
    this.timer = null;
    const isKept = this.isLeft || this.draft.keep(this.revision, this.title.value.trim(), this.html());
    if (this.isWaiting) this.say(trouble({ status: 0 }, isKept).words);
  }

  /** As the editor would have it; what was pasted as words alone. */
  html() {
    const copy = this.text.cloneNode(true);
    leaveOutFillers(copy);
    this.pasted.sayIn(copy);
    for (const span of copy.querySelectorAll("span")) span.replaceWith(...span.childNodes);
    for (const own of copy.querySelectorAll("[data-stored]")) own.removeAttribute("data-stored");
    return stored(copy.innerHTML);
  }

  /** The editor cannot come yet. */
  waits() {
    this.isWaiting = true;
    if (this.isChanged || this.isLeft) this.keep();
  }

  /** The editor will not come to this page. */
  gone(words) {
    this.isGone = true;
    if (this.isChanged) this.keep();
    this.state.replaceChildren(...words);
    this.state.classList.add("trouble");
    announce(this.state.textContent);
  }

  say(words) {
    if (this.state.textContent === words) return;
    this.state.textContent = words;
    this.state.classList.add("trouble");
    announce(words);
  }

  /** Nothing is being done that a change of the text under one's hands would cut short. */
  async rests() {
    do await new Promise((done) => setTimeout(done, REST_MS)); while (this.busy.size);
  }

  /** The text as it stands, out of the page, with its places: {before, caret: [{node, offset}], pasted, isHeld}. */
  handOver() {
    this.isWaiting = false;
    if (this.isChanged) this.keep();
    this.over.abort();
    clearTimeout(this.timer);
    this.state.classList.remove("trouble");
    const before = document.createElement("div"), { text } = this, selection = getSelection();
    const place = (node, offset) => ({ node: node === text ? before : node, offset });
    const isWithin = text.contains(selection.anchorNode) && text.contains(selection.focusNode);
    const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
    const isHeld = document.activeElement === text;
    before.append(...text.childNodes);
    leaveOutFillers(before);
    const caret = isWithin ? [place(anchorNode, anchorOffset), place(focusNode, focusOffset)] : [];
    for (const one of caret) one.offset = Math.min(one.offset, one.node.childNodes.length || one.node.length || 0);
    return { before, caret, pasted: this.pasted.standingIn(before), isHeld };
  }
}

/** Line breaks that stand at the end of an empty line for the browser alone. */
function leaveOutFillers(text) {
  for (const one of text.querySelectorAll("br:not([data-stored])")) if (!one.nextSibling) one.remove();
}
