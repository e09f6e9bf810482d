/* Saves what is written: two seconds after the last key, at leaving the text, at leaving the page. It always says in
   words how that stands; it never throws words away, and never writes over somebody else's. */

import { send, trouble } from "./editor-send.js";
import { announce } from "./page.js";

const AFTER_MS = 2_000, DRAFT_MS = 500, DRAFT_MOST_MS = 3_000, RETRY_MS = 3_000, RETRY_MOST_MS = 30_000;
const PAGE_LEFT_BYTES = 60_000; // browsers send no more than 64 KB for a page that is gone

export class Saving {
  /** `read` gives {title, content} as they are; `onConflict` is told of what the server answered. */
  constructor({ address, token, revision, draft, state, read, onConflict }) {
    Object.assign(this, { address, token, revision, draft, state, read, onConflict });
    this.saved = read();
    this.conflict = null;
    this.unheard = null; // what was sent without an answer: it may have been saved all the same
    this.waiting = null; // what was asked for, when it is to be tried again
    this.standing = state.textContent; // what is said when everything is saved
    this.delay = RETRY_MS;
    addEventListener("online", () => this.waiting && this.save());
    document.addEventListener("visibilitychange", () => document.hidden && this.leave());
    addEventListener("pagehide", () => this.leave());
    addEventListener("pageshow", (event) => event.persisted && this.save({ always: true }));
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

  /** With `keep`, what is saved becomes a version. With `over`, it takes the place of what the conflict told of. */
  async save({ keep = false, always = false, over = false, keepalive = false } = {}) {
    clearTimeout(this.timer);
    if (this.sending) return void (this.again = joined(this.again, { keep, always, over }));
    ({ keep, over } = joined(this.waiting, { keep, over }));
    if (this.conflict && !over) return void this.keepDraft();
    const { unheard } = this, now = unheard ?? this.read();
    if (!keep && !always && !over && !unheard && !this.isChanged) return void this.unchanged();
    this.unheard = now;
    this.keepDraft();
    if (!this.told) this.say("Salvando…"); // a link in what is said must not vanish under the finger
    this.sending = true;
    const revision = (over && this.conflict?.revision) || this.revision;
    const isKept = keep && !unheard;
    const answer = await this.send({ revision, ...now }, { keep: isKept, keepalive });
    this.sending = false;
    this.heard(answer, now, isKept, { keep, over });
    const again = unheard ? joined(this.again, { keep }) : this.again; // what was written since follows
    this.again = null;
    if (again && answer.status === 200) await this.save(again);
    else if (again && this.waiting) this.waiting = joined(this.waiting, again);
  }

  send(fields, options) {
    return send(this.address, this.token, fields, options);
  }

  heard(answer, sent, isKept, wanted) {
    this.waiting = null;
    const isHeard = answer.status > 0 && answer.status < 500;
    if (isHeard) this.unheard = null; // else the same is sent once more: were it saved, it must not seem somebody else's
    if (answer.status === 200) return this.done(answer, sent, isKept);
    if (answer.status === 409) return this.refused(answer);
    const { words, isPassing } = trouble(answer, this.keepDraft());
    this.say(words, true);
    if (!isPassing) return;
    this.waiting = wanted;
    this.timer = setTimeout(() => this.save(), this.delay);
    this.delay = Math.min(this.delay * 2, RETRY_MOST_MS);
  }

  done(answer, sent, isKept) {
    this.revision = answer.revision;
    this.saved = sent;
    this.conflict = null;
    this.delay = RETRY_MS;
    this.standing = isKept ? `Versão ${answer.version} guardada às ${answer.at}` : `Salvo às ${answer.at}`;
    this.say(this.standing);
    if (isKept) announce(`Versão ${answer.version} guardada`);
    if (this.isChanged) this.changed();
    else this.draft.drop();
  }

  /** What was typed has been taken back: all is as it was saved, and no draft may bring it up again. */
  unchanged() {
    clearTimeout(this.drafting);
    this.drafting = this.pressed = null;
    this.draft.drop();
    this.say(this.standing);
  }

  refused(answer) {
    this.conflict = answer;
    this.keepDraft();
    this.say("Não salvo: o documento tem outra alteração", true);
    this.onConflict(answer);
  }

  /** What came second is sent once more as it is now, so that it is kept aside to the last letter; true when it is. */
  async setAside() {
    clearTimeout(this.timer);
    this.waiting = this.unheard = null;
    if (!this.isChanged) return true;
    this.sending = true;
    const answer = await this.send({ revision: this.revision, ...this.read() });
    this.sending = false;
    if (answer.status === 409 || answer.status === 200) return true;
    const { words, isPassing } = trouble(answer, this.keepDraft());
    this.say(isPassing ? "Sem conexão: tente de novo em instantes." : words, true);
    return false;
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

/** Two things that were asked for, as one. */
function joined(one, other) {
  return Object.fromEntries(["keep", "always", "over"].map((name) => [name, Boolean(one?.[name] || other[name])]));
}
