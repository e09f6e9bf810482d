/* Sends a file that is too large for the server straight to the storage, in parts, by links that the server signs. */

import { announce } from "./page.js";

const AT_ONCE = 3;
const TRIES = 4;
const SIGN_AT_ONCE = 20;

const form = document.querySelector("[data-upload][data-begin]");

async function ask(url, data, signal) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    body: JSON.stringify(data ?? {}),
    signal,
  });
  if (response.status === 204) return {};
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error || "O envio falhou. Tente de novo.");
  return answer;
}

/** Sends one part; `onBytes` is told how many of its bytes have gone. */
function put(url, blob, signal, onBytes) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells nothing of a request's progress
    request.open("PUT", url);
    request.upload.onprogress = (event) => onBytes(event.loaded);
    request.onload = () =>
      request.status === 200 ? resolve(request.getResponseHeader("ETag")) : reject(new Error(`${request.status}`));
    request.onerror = () => reject(new Error("rede"));
    request.onabort = () => reject(new DOMException("cancelado", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(blob);
  });
}

async function putPatiently(sign, number, blob, signal, onBytes) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await put(await sign(number), blob, signal, onBytes);
    } catch (error) {
      if (signal.aborted || attempt === TRIES) throw error;
      onBytes(0);
      await new Promise((resolve) => setTimeout(resolve, 1_000 * 2 ** attempt));
    }
  }
}

async function sendParts(file, begun, base, signal, show) {
  const links = new Map();
  async function sign(number) {
    if (!links.has(number)) {
      const numbers = [];
      for (let n = number; n <= begun.parts && numbers.length < SIGN_AT_ONCE; n += 1) numbers.push(n);
      const { urls } = await ask(`${base}partes/`, { numbers }, signal);
      for (const [key, url] of Object.entries(urls)) links.set(Number(key), url);
    }
    const url = links.get(number);
    links.delete(number); // tried again with a new one
    return url;
  }
  const sent = new Array(begun.parts).fill(0);
  const done = [];
  let next = 1;
  async function lane() {
    while (next <= begun.parts) {
      const number = next++;
      const blob = file.slice((number - 1) * begun.part_size, number * begun.part_size);
      const etag = await putPatiently(sign, number, blob, signal, (bytes) => {
        sent[number - 1] = bytes;
        show(sent.reduce((total, part) => total + part, 0));
      });
      done[number - 1] = { number, etag };
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return done;
}

function megabytes(bytes) {
  return `${(bytes / 1024 / 1024).toLocaleString("pt-BR", { maximumFractionDigits: 0 })} MB`;
}

async function send(file) {
  const progress = form.querySelector("[data-progress]");
  const words = form.querySelector("[data-progress-words]");
  const problem = form.querySelector("[data-upload-error]");
  const control = new AbortController();
  const button = form.querySelector("button.primary");
  button.disabled = true;
  problem.hidden = true;
  progress.hidden = false;
  progress.querySelector("[data-cancel]").onclick = () => control.abort();
  const show = (bytes) => {
    progress.querySelector("progress").value = (100 * bytes) / file.size;
    words.textContent = `${megabytes(bytes)} de ${megabytes(file.size)}`;
  };
  let base = "";
  try {
    show(0);
    announce("Enviando o arquivo");
    const begun = await ask(form.dataset.begin, { name: file.name, size: file.size, type: file.type }, control.signal);
    base = `${form.dataset.begin}${begun.id}/`;
    const parts = await sendParts(file, begun, base, control.signal, show);
    const { url } = await ask(`${base}concluir/`, { parts }, control.signal);
    location.assign(url);
  } catch (error) {
    control.abort();
    if (base) await ask(`${base}cancelar/`).catch(() => {});
    problem.textContent =
      error.name === "AbortError" ? "Envio cancelado." : `O envio não terminou. ${error.message} Escolha o arquivo de novo.`;
    problem.hidden = false;
    progress.hidden = true;
    button.disabled = false;
  }
}

form?.addEventListener("submit", (event) => {
  const file = form.elements.file.files[0];
  if (!file || file.size <= Number(form.dataset.throughServer)) return;
  event.preventDefault();
  send(file);
});
