/* Sends a question without leaving the conversation: the answer to the POST is the reply's own stream.
   Whatever goes wrong, the words stay in the box, and sending again is the same question (submission_key). */

import { fragment, reloadPage, signInAgain } from "./page.js";
import { events, isStream } from "./sse.js";
import { follow } from "./stream.js";

const ANSWER_MS = 30_000; // without a first byte for this long, it counts as not sent

const form = document.querySelector("form[data-ask]");
const thread = document.querySelector("[data-thread]");
let sending = false;

if (form && thread && crypto.randomUUID) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!sending) send(form.elements.content.value);
  });
}

async function send(content) {
  setSending(true);
  say();
  try {
    const response = await post();
    if (isStream(response)) await accepted(response, content);
    else await refused(response);
  } catch {
    say("Sem conexão: a pergunta não foi confirmada. O texto está guardado; envie de novo quando a rede voltar.");
  }
  setSending(false);
}

async function post() {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ANSWER_MS);
  const headers = { Accept: "text/event-stream", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  try {
    return await fetch(form.action, { method: "POST", body: new FormData(form), headers, signal: late.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** The first event holds the question and its empty reply; the rest of the stream is the reply's. */
async function accepted(response, content) {
  const stream = events(response);
  const { value, done } = await stream.next();
  if (done || value.type !== "messages") throw new Error("no messages");
  const articles = [...fragment(value.data).children].map(place);
  clear(content);
  form.elements.submission_key.value = crypto.randomUUID();
  document.dispatchEvent(new CustomEvent("question:sent"));
  const reply = articles.find((article) => article.dataset.stream);
  if (reply) follow(reply, stream);
  else stream.return();
}

/** Puts a message at the end of the thread, or in place of itself when it was there already. */
function place(item) {
  const article = item.querySelector("article");
  const before = document.getElementById(article.id);
  if (before) before.closest("li").replaceWith(item);
  else thread.append(item);
  return article;
}

/** Takes what was sent out of the box, and leaves what was typed meanwhile. */
function clear(content) {
  const box = form.elements.content;
  if (box.value.startsWith(content)) box.value = box.value.slice(content.length);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

async function refused(response) {
  const { error } = await response.json().catch(() => ({}));
  if (response.status === 401) say(...signInAgain("Sua sessão terminou. O texto está guardado."));
  else if (response.status === 403) say(...reloadPage("A página ficou aberta por tempo demais. O texto está guardado."));
  else if (error) say(error);
  else say(...reloadPage("Não foi possível enviar. O texto está guardado."));
}

function say(...words) {
  form.querySelector("[data-ask-error]").replaceChildren(...words);
}

function setSending(now) {
  sending = now;
  form.querySelector("[data-send]").disabled = now;
}
