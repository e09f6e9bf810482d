/* A large file in parts, several at a time, each tried again when it fails: straight to the storage, or to the server
   where there is none. The server says where each part goes and what has arrived: when the line is back, or after a
   reload, the same file goes on. */

import { persistently } from "./line.js";
import { put, Refused } from "./put.js";

const AT_ONCE = 4;
const PATIENCE_MS = 300_000; // for an answer in words: behind parts on their way, or while a large file is put together
const CANCEL_MS = 10_000; // what could not be taken back is in the list, and can be cancelled there

export async function sendInParts(file, { form, signal, sent, away }) {
  const server = talkTo(form, signal);
  const key = `envio:${Object.values(placeOf(form))}:${file.name}:${file.size}:${file.lastModified}`;
  // Asked to the end even when it is cancelled meanwhile: what the server has begun has to be known to be taken back.
  const plan = (await resumed(key, server)) ?? (await begun(key, file, form, talkTo(form)));
  try {
    await allParts(file, plan, { form, server, signal, sent, away });
    // It may be asked twice: what is whole already is told again.
    const answer = await persistently(() => server(plan.finish, {}), { signal, away });
    localStorage.removeItem(key);
    return answer;
  } catch (failure) {
    if (signal.aborted) await cancelled(key, plan, form);
    throw failure;
  }
}

/** Questions to our own server, and their answers. */
function talkTo(form, signal) {
  const headers = headersOf(form);
  return async (url, fields, patience = PATIENCE_MS) => {
    const body = fields && new URLSearchParams(fields);
    const either = AbortSignal.any([signal, AbortSignal.timeout(patience)].filter(Boolean));
    const response = await fetch(url, { method: body ? "POST" : "GET", headers, body, signal: either });
    if (!response.ok) throw new Refused(response.status, await response.text());
    return response.json();
  };
}

const headersOf = (form) => ({ "HX-Request": "true", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value });

/** The project or the conversation that the form is for. */
function placeOf(form) {
  const hidden = [...form.querySelectorAll("input[type=hidden]")].filter(({ name }) => name !== "csrfmiddlewaretoken");
  return Object.fromEntries(hidden.map(({ name, value }) => [name, value]));
}

async function begun(key, file, form, server) {
  const plan = await server(form.dataset.begin, { ...placeOf(form), name: file.name, size: file.size });
  localStorage.setItem(key, plan.state);
  return plan;
}

/** What was begun earlier in this browser with the same file, if it still can be gone on with. A server that is only
    away for a moment makes nobody begin anew. */
async function resumed(key, server) {
  const state = localStorage.getItem(key);
  if (!state) return null;
  try {
    return await server(state);
  } catch (failure) {
    if (![404, 410].includes(failure.status)) throw failure;
    localStorage.removeItem(key);
    return null;
  }
}

async function allParts(file, plan, { form, server, signal, sent, away }) {
  const gone = new Map(); // bytes, by part
  const partOf = (number) => file.slice((number - 1) * plan.partSize, number * plan.partSize);
  const note = (number, bytes) => {
    gone.set(number, bytes);
    sent([...gone.values()].reduce((sum, each) => sum + each, 0));
  };
  for (const number of plan.arrived) note(number, partOf(number).size);
  const waiting = [...Array(plan.parts).keys()].map((index) => index + 1).filter((number) => !gone.has(number));
  const failed = new AbortController(); // one part that fails for good ends the others
  const either = AbortSignal.any([signal, failed.signal]);
  const lane = async () => {
    while (waiting.length && !either.aborted) {
      const number = waiting.shift();
      await onePart(number, partOf(number), plan, { form, server, signal: either, note, away });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, () => lane().catch((failure) => failed.abort(failure))));
  either.throwIfAborted(); // with the first failure, or because the person has cancelled
}

async function onePart(number, part, plan, { form, server, signal, note, away }) {
  const send = async () => {
    const { url, method } = await server(plan.part, { part: number });
    const headers = method ? headersOf(form) : {}; // the storage is another host: it gets none of ours
    await put(url, part, { method, headers, signal, sent: (bytes) => note(number, bytes) });
    note(number, part.size);
  };
  await persistently(send, { signal, away, failed: () => note(number, 0) });
}

async function cancelled(key, plan, form) {
  localStorage.removeItem(key);
  await talkTo(form)(plan.cancel, {}, CANCEL_MS).catch(() => {}); // 204 has no words
}
