/* Follows replies while they are written. When the connection drops, says so, and takes the reply up where it was. */

import { announce, signInAgain } from "./page.js";
import { events, isStream } from "./sse.js";
import { Reply } from "./reply.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;
const LOST = "Conexão perdida. Tentando de novo…";
const SIGNED_OUT = "Sua sessão terminou; a resposta continua sendo escrita.";
const GONE = "Esta resposta não está mais disponível.";

const followed = new Map(); // article id -> Reader: one reader a reply

/** Follows the reply in `article`; `stream` is one that is already open (the answer to a POST). */
export function follow(article, stream) {
  const before = followed.get(article.id);
  if (before?.reply.article === article) return;
  before?.leave();
  const reader = new Reader(article);
  followed.set(article.id, reader);
  announce("Escrevendo");
  document.dispatchEvent(new CustomEvent("reply:begins", { detail: article }));
  reader.run(stream);
}

/** Lets go of all replies, because the page is being left. They go on being written. */
export function letGo() {
  for (const reader of followed.values()) reader.leave();
  followed.clear();
}

class Reader {
  constructor(article) {
    this.reply = new Reply(article);
    this.lastId = "";
    this.firstWait = this.wait = FIRST_WAIT_MS;
    this.left = false;
  }

  leave() {
    this.left = true;
    this.wake?.();
  }

  async run(stream) {
    while (!this.left) {
      try {
        stream ??= await this.connect();
        if (!stream || (await this.read(stream))) return;
      } catch (failure) {
        if (!this.left) this.reply.trouble(failure.cause ?? LOST);
      }
      stream = null;
      if (!this.left) await this.pause(this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    }
  }

  /** The stream from where it was left; null when there is nothing left to follow. */
  async connect() {
    const headers = { Accept: "text/event-stream" };
    if (this.lastId) headers["Last-Event-ID"] = this.lastId;
    const response = await fetch(this.reply.url, { headers, cache: "no-store" });
    if (isStream(response)) {
      this.reply.goesOn();
      return events(response);
    }
    if (response.status === 404 || response.status === 403) {
      this.reply.trouble(GONE);
      return null;
    }
    if (response.status !== 401 && !response.redirected) {
      const { error } = await response.json().catch(() => ({}));
      throw new Error(`status ${response.status}`, { cause: error }); // the server's own words, if it had any
    }
    this.reply.trouble(...signInAgain(SIGNED_OUT));
    await this.pause(); // until she comes back to this page, perhaps signed in
    return this.left ? null : this.connect();
  }

  /** Shows what comes; true when the reply has ended, false when only the connection has. */
  async read(stream) {
    for await (const event of stream) {
      if (this.left) return true;
      if (event.retry) this.firstWait = event.retry;
      if (event.id) this.lastId = event.id;
      this.wait = this.firstWait;
      this.reply.show(event);
      if (event.type === "end") return true;
    }
    return this.left;
  }

  /** Waits `ms` (for ever, if not given); less when the network or the person comes back. */
  pause(ms) {
    return new Promise((resolve) => {
      const over = new AbortController();
      const { signal } = over;
      this.wake = () => {
        over.abort();
        clearTimeout(timer);
        resolve();
      };
      const timer = ms && setTimeout(this.wake, ms);
      addEventListener("online", this.wake, { signal });
      addEventListener("focus", this.wake, { signal });
      document.addEventListener("visibilitychange", () => document.hidden || this.wake(), { signal });
    });
  }
}
