/* One file on its way: a row with its name, how much of it has gone, and buttons to cancel it and to try again.
   Small ones go whole (whole.js); larger ones in parts (multipart.js). */

import { isBack, isThere } from "./line.js";
import { announce, reloadPage, signInAgain } from "./page.js";
import { sendInParts } from "./multipart.js";
import { Refused } from "./put.js";
import { inWords } from "./sizes.js";
import { sendWhole, Unheard } from "./whole.js";

const CUT = "A conexão caiu e o arquivo não chegou inteiro. Tente de novo: o que já chegou não se perde.";
const UNHEARD = "A conexão caiu antes da resposta. O arquivo pode ter chegado: veja em Arquivos antes de tentar de novo.";
const AWAY = "Sem conexão. O envio continua sozinho quando ela voltar; o que já chegou não se perde.";

export class Sending {
  constructor(file, { form, again }) {
    Object.assign(this, { file, form });
    this.row = document.querySelector("template[data-sending]").content.cloneNode(true).firstElementChild;
    [this.words, this.bar, this.cancel, this.again] = ["[data-words]", "progress", "[data-cancel]", "[data-again]"].map(
      (part) => this.row.querySelector(part));
    this.row.querySelector("[data-name]").textContent = file.name;
    this.bar.setAttribute("aria-label", `Andamento do envio de ${file.name}`);
    for (const of of this.row.querySelectorAll("[data-of]")) of.textContent = `: ${file.name}`;
    this.cancel.addEventListener("click", () => this.leave());
    this.again.addEventListener("click", () => {
      this.leaving = null;
      this.show(true);
      this.cancel.focus(); // the button that was pressed is hidden now
      again(this);
    });
    const list = form.querySelector("[data-sendings]");
    list.append(this.row);
    list.hidden = false;
    this.show(true);
  }

  async start() {
    if (this.left) return;
    const refusal = this.refusal();
    if (refusal) return this.fail(refusal);
    this.leaving = new AbortController();
    announce(`Enviando ${this.file.name}`);
    const inParts = this.file.size > Number(this.form.dataset.through);
    const [signal, sent, away] = [this.leaving.signal, (bytes) => this.tell(bytes), () => this.wait()];
    try {
      if (!navigator.onLine && !(await isThere())) {
        away();
        await isBack(signal);
      }
      const answer = await (inParts ? sendInParts : sendWhole)(this.file, { form: this.form, signal, sent, away });
      this.remove();
      announce(`${this.file.name}: enviado`);
      document.dispatchEvent(new CustomEvent("file:sent", { detail: answer }));
    } catch (failure) {
      if (this.left) this.gone();
      else this.fail(...reasons(failure));
    }
  }

  refusal() {
    if (!this.file.size) return "Este arquivo está vazio.";
    const { largest, largestWords } = this.form.dataset;
    return this.file.size > Number(largest) ? `O arquivo é grande demais: o limite é ${largestWords}. Nada foi enviado.` : "";
  }

  /** Cancelled, while it waits or goes; or a failed one put away. */
  leave() {
    const going = this.leaving && !this.bar.hidden;
    this.left = true;
    this.leaving?.abort();
    if (going) this.say("cancelando…");
    else this.gone();
  }

  gone() {
    announce(`${this.file.name}: envio cancelado`);
    this.remove();
  }

  fail(...parts) {
    this.show(false);
    this.say(...parts);
    this.form.querySelector("[data-upload-error]").textContent = `${this.file.name}: não foi enviado.`;
  }

  show(going) {
    this.bar.hidden = !going;
    this.again.hidden = going;
    this.row.classList.toggle("failed", !going);
    if (!going) return;
    this.bar.value = 0;
    this.say("esperando a vez");
  }

  /** Until the line is back: it goes on by itself. */
  wait() {
    if (this.left || this.words.textContent === AWAY) return;
    this.say(AWAY);
    announce(`${this.file.name}: ${AWAY}`);
  }

  tell(bytes) {
    const gone = Math.min(bytes, this.file.size);
    this.bar.value = gone / this.file.size;
    this.say(`${inWords(gone)} de ${inWords(this.file.size)}`);
  }

  say(...parts) { this.words.replaceChildren(...parts); }

  remove() {
    const list = this.row.parentElement;
    if (this.row.contains(document.activeElement)) this.form.elements.file.focus();
    this.row.remove();
    if (list) list.hidden = !list.children.length;
  }
}

function reasons(failure) {
  if (failure instanceof Unheard) return [UNHEARD];
  if (!(failure instanceof Refused)) return [CUT];
  if (failure.status === 401) return signInAgain("Sua sessão terminou.");
  if (failure.status === 403) return reloadPage("A página ficou aberta por tempo demais.");
  return [failure.words || CUT];
}
