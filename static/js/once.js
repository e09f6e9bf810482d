/* Forms that load another page, over a line that is slow or away. What has been sent is not sent again while its answer
   is on its way; without a connection the page stays as it is, and says so. */

import { isThere } from "./line.js";
import { announce } from "./page.js";

const PATIENCE = 15_000; // ms; a file that comes as an answer leaves the page open, and may be asked for again
const OFFLINE = "Sem conexão: nada foi enviado. O que você escreveu continua aqui; tente de novo quando a conexão voltar.";
const sent = new WeakMap();
const reached = new WeakSet(); // forms whose server was just found there

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return; // a script of the form's own sends it
  if (!navigator.onLine && !reached.delete(form)) {
    event.preventDefault();
    tryAgain(form, event.submitter);
    return;
  }
  said(form)?.remove();
  const now = { words: wordsOf(form, event.submitter), at: performance.now() };
  const last = sent.get(form);
  if (last?.words === now.words && now.at - last.at < PATIENCE) {
    event.preventDefault();
    return;
  }
  sent.set(form, now);
  announce("Aguarde…");
});

// The page may come back as it was, from the browser's memory.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) sent.delete(form);
});
addEventListener("online", () => {
  for (const form of document.forms) said(form)?.remove();
});

async function tryAgain(form, submitter) {
  if (!(await isThere())) return say(form, OFFLINE);
  reached.add(form);
  form.requestSubmit(submitter);
}

function wordsOf(form, submitter) {
  const fields = [...new FormData(form, submitter)].map(([name, value]) => [name, value.name ?? value, value.size]);
  return JSON.stringify([submitter?.formAction ?? form.action, fields]);
}

function said(form) {
  return form.querySelector(":scope > [data-offline]");
}

function say(form, words) {
  said(form)?.remove(); // said again, it is read out again
  const line = Object.assign(document.createElement("p"), { className: "note error", role: "alert", textContent: words });
  line.dataset.offline = "";
  form.append(line);
}
