/* Saves what is written: two seconds after the last key, at leaving the text, at leaving the page. It never throws
   words away, and never writes over somebody else's. */

import { Keeping } from "./editor-keeping.js";
import { send, trouble } from "./editor-send.js";
import { announce } from "./page.js";

const RETRY_MS = 3_000, RETRY_MOST_MS = 30_000;

export class Saving extends Keeping {
  /** `onConflict` is told of what the server answered; the rest as in editor-keeping.js. */
  constructor({ address, token, onConflict, ...kept }) {
    super(kept);
    Object.assign(this, { address, token, onConflict });
    this.conflict = null;
    this.waiting = null; // what was asked for, when it is to be tried again
    this.delay = RETRY_MS;
    addEventListener("online", () => this.waiting && this.save());
    addEventListener("pageshow", (event) => event.persisted && this.save({ always: true }));
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
    document.dispatchEvent(new CustomEvent("document:saved"));
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
}

/** Two things that were asked for, as one. */
function joined(one, other) {
  return Object.fromEntries(["keep", "always", "over"].map((name) => [name, Boolean(one?.[name] || other[name])]));
}
