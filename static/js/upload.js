/* Sends a file and shows how much of it has gone. Up to 100 MB goes to the server with the form; more goes straight to
   the storage (multipart.js). Without this script the form does it alone. */

import { announce, reloadPage, signInAgain } from "./page.js";
import { sendInParts } from "./multipart.js";
import { put, Refused } from "./put.js";

const form = document.querySelector("form[data-upload]");
const [progress, words, error, send, cancel] = ["progress", "words", "error", "send", "cancel"].map((name) =>
  form.querySelector(`[data-upload-${name}]`));
const bar = progress.querySelector("progress");
const UNITS = [[1024 ** 3, "GB"], [1024 ** 2, "MB"], [1024, "kB"]];
let leaving = null; // the AbortController of the sending that goes on

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const file = form.elements.file.files[0];
  if (file && !leaving) start(file);
});
cancel.addEventListener("click", () => leaving?.abort());
addEventListener("beforeunload", (event) => leaving && event.preventDefault());

async function start(file) {
  say();
  if (!file.size) return say("Este arquivo está vazio. Escolha outro.");
  if (file.size > Number(form.dataset.largest)) {
    return say(`O arquivo é grande demais: o limite é ${form.dataset.largestWords}. Nada foi enviado.`);
  }
  leaving = new AbortController();
  show(true);
  announce("Enviando o arquivo");
  try {
    const way = file.size > Number(form.dataset.through) ? sendInParts : sendWhole;
    const next = await way(file, { form, signal: leaving.signal, sent: (bytes) => tell(bytes, file.size) });
    leaving = null;
    location.assign(next);
  } catch (failure) {
    explain(failure, leaving.signal.aborted);
    leaving = null;
    show(false);
  }
}

/** The form as it is, with its file. */
async function sendWhole(file, { form, signal, sent }) {
  const headers = { "HX-Request": "true", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  const answer = await put(form.action, new FormData(form), { method: "POST", headers, signal, sent });
  return JSON.parse(answer).next;
}

function tell(bytes, size) {
  bar.value = size ? Math.min(bytes, size) / size : 0;
  words.textContent = `${inWords(Math.min(bytes, size))} de ${inWords(size)}`;
}

function inWords(bytes) {
  const [unit, name] = UNITS.find(([least]) => bytes >= least) ?? UNITS.at(-1);
  return `${(bytes / unit).toLocaleString("pt-BR", { maximumFractionDigits: unit > 1024 ? 1 : 0 })} ${name}`;
}

function explain(failure, aborted) {
  if (aborted) say("Envio cancelado.");
  else if (failure instanceof Refused && failure.status === 401) say(...signInAgain("Sua sessão terminou."));
  else if (failure instanceof Refused && failure.status === 403) say(...reloadPage("A página ficou aberta por tempo demais."));
  else if (failure instanceof Refused && failure.words) say(failure.words);
  else say("A conexão caiu e o arquivo não chegou inteiro. Envie o mesmo arquivo de novo: o que já chegou não se perde.");
}

function show(sending) {
  tell(0, form.elements.file.files[0].size);
  progress.hidden = cancel.hidden = !sending;
  send.disabled = sending;
}

function say(...parts) {
  error.replaceChildren(...parts);
}
