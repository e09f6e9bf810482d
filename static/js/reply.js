/* One reply on the page while it is written: finished blocks, the open block after them, and the state in words. */

import { announce, fragment } from "./page.js";

const WRITING = "Escrevendo…";

export class Reply {
  constructor(article) {
    this.article = article;
    this.url = article.dataset.stream;
    this.text = article.querySelector("[data-text]");
    this.state = article.querySelector("[data-state]");
    this.words = this.state.textContent;
    this.fresh = null; // what a reset began, until its piece is whole
    this.open = this.text.querySelector(":scope > [data-open]") ?? this.text.appendChild(openBlock());
  }

  /** What the server says, in its own words: see conversations/frames.py for who writes it. */
  show({ type, data }) {
    if (type === "reset") this.fresh = fragment(data);
    if (type === "block") this.finish(fragment(data));
    if (type === "open") this.grow(fragment(data));
    if (type === "state") this.say(data);
    if (type === "block" || type === "open") this.written();
    if (type === "end") this.end(fragment(data).querySelector("article"));
  }

  /** What was open is in the finished block; the new open one comes next. After a reset all are gathered first. */
  finish(block) {
    if (this.fresh) return this.fresh.append(block);
    this.open.before(block);
    this.open.replaceChildren();
  }

  /** The open block ends each piece: only now does what a reset began take the old text's place, all at once. */
  grow(open) {
    if (this.fresh) this.text.replaceChildren(this.fresh, (this.open = openBlock()));
    this.fresh = null;
    this.open.replaceChildren(open);
  }

  written() {
    this.article.dataset.status = "streaming";
    this.say(WRITING);
  }

  end(article) {
    this.article.replaceWith(article);
    const notice = article.querySelector("[role=alert]"); // speaks for itself
    announce(notice ? "" : article.querySelector("[data-state]").textContent || "Resposta pronta");
    document.dispatchEvent(new CustomEvent("reply:ended", { detail: article }));
  }

  say(words) {
    this.words = words;
    if (this.state.textContent !== words) this.state.textContent = words;
  }

  /** Trouble on the way, not with the reply: its own state comes back when the connection does. */
  trouble(...words) {
    this.state.replaceChildren(...words);
    announce(this.state.textContent);
  }

  goesOn() {
    if (this.state.textContent === this.words) return;
    this.state.textContent = this.words;
    announce("Escrevendo");
  }
}

function openBlock() {
  const block = document.createElement("div");
  block.dataset.open = "";
  return block;
}
