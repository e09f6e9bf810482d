/* What is not saved yet, kept in this browser: it outlives a reload, a dead network and an expired session.
   One a person and document; gone when it has been saved, or the person signs out (forget.js knows the prefix). */

const tab = crypto.getRandomValues(new Uint32Array(2)).join("");

export class Draft {
  constructor(person, document) {
    this.key = `rascunho:documento:${person}:${document}`;
  }

  /** `revision` is the one that the words were written on; `unheard` was sent, and nobody knows yet whether it arrived.
      False when the browser would not keep it. */
  keep(revision, title, content, unheard = null) {
    const draft = { revision, title, content, tab, at: Date.now() };
    return this.put({ ...draft, unheard }) || this.put(draft);
  }

  put(draft) {
    try {
      localStorage.setItem(this.key, JSON.stringify(draft));
      return true;
    } catch {
      return false; // its store is full, or closed to us
    }
  }

  found() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  /** Another tab's words are not ours to forget. */
  drop({ anyones = false } = {}) {
    if (anyones || this.found()?.tab === tab) localStorage.removeItem(this.key);
  }
}

/** What was written here and never reached the server comes back into the text, and is sent as what it was written on. */
export function restore(draft, saving, title, put) {
  const found = draft.found();
  if (!found) return;
  const same = found.title === saving.saved.title && found.content === saving.saved.content;
  if (same) return void draft.drop({ anyones: true });
  const { unheard } = found; // the page that sent it did not live to hear that it arrived
  const hasArrived = unheard?.title === saving.saved.title && unheard?.content === saving.saved.content;
  if (!hasArrived) saving.revision = found.revision;
  title.value = found.title;
  put(found.content);
  saving.say("Seu texto foi recuperado deste navegador. Salvando…");
  saving.save();
}
