/* What is written and not saved yet is kept in this browser, also when the page is left; how that stands is always said
   in words. `save` is what the saving itself adds (editor-saving.js). */

import { announce } from "./page.js";

const AFTER_MS = 2_000, DRAFT_MS = 500, DRAFT_MOST_MS = 3_000;
const PAGE_LEFT_BYTES = 60_000; // browsers send no more than 64 KB for a page that is gone

export class Keeping {
  /** `read` gives {title, content} as they are, `saved` is what the server has; `standing` is said when it has all. */
  constructor({ revision, draft, state, standing, read, saved }) {
    Object.assign(this, { revision, draft, state, standing, read, saved });
    this.unheard = null; // what was sent without an answer: it may have been saved all the same
    document.addEventListener("visibilitychange", () => document.hidden && this.leave());
    addEventListener("pagehide", () => this.leave());
  }

  get isChanged() {
    const { title, content } = this.read();
    return title !== this.saved.title || content !== this.saved.content;
  }

  /** A key was pressed. */
  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), AFTER_MS);
    this.pressed ??= Date.now(); // the first key that is in no draft yet
    if (!this.drafting || Date.now() - this.pressed < DRAFT_MOST_MS) {
      clearTimeout(this.drafting);
      this.drafting = setTimeout(() => this.keepDraft(), DRAFT_MS);
    }
    if (!this.told) this.say("Alterações ainda não salvas");
  }

  keepDraft() {
    clearTimeout(this.drafting);
    this.drafting = this.pressed = null;
    const { title, content } = this.read();
    return this.draft.keep(this.revision, title, content, this.unheard);
  }

  /** What was typed has been taken back: all is as it was saved, and no draft may bring it up again. */
  unchanged() {
    clearTimeout(this.drafting);
    this.drafting = this.pressed = null;
    this.draft.drop();
    this.say(this.standing);
  }

  /** What is on the screen is what the server has as this `revision`. */
  isNow(revision) {
    clearTimeout(this.timer);
    this.revision = revision;
    this.saved = this.read();
    this.unchanged();
    document.dispatchEvent(new CustomEvent("document:saved"));
  }

  /** The page is hidden, or gone: the words are kept here, and what browsers send for a page that is gone is sent. */
  leave() {
    if (this.isGone) return;
    if (!this.unheard && !this.isChanged) return this.draft.drop();
    this.keepDraft();
    if (document.hidden) this.save({ keepalive: new Blob([this.read().content]).size < PAGE_LEFT_BYTES });
  }

  say(words, isTrouble = false) {
    const nodes = Array.isArray(words) ? words : [words];
    const text = nodes.map((node) => node.textContent ?? node).join("");
    if (isTrouble && text === this.told) return;
    this.state.replaceChildren(...nodes);
    this.state.classList.toggle("trouble", isTrouble);
    this.told = isTrouble ? text : "";
    if (isTrouble) announce(text);
  }
}
