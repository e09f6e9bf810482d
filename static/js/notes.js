/* A note opens its page beside the conversation, at the passage; Escape closes it and the focus goes back.
   Without this script a note is a plain link to the page. */

import { announce, fragment, signInAgain } from "./page.js";

const panel = document.querySelector("[data-panel]");
const body = panel?.querySelector("[data-panel-body]");
let opener = null;
let going = null; // the AbortController of the page that is on its way

async function open(href, from) {
  going?.abort();
  going = new AbortController();
  opener = from ?? opener;
  panel.hidden = false;
  panel.setAttribute("aria-busy", "true");
  try {
    const headers = { "HX-Request": "true" };
    const response = await fetch(href, { headers, signal: going.signal });
    if (response.status === 401) body.replaceChildren(...signInAgain("Sua sessão terminou."));
    else if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
    else body.replaceChildren(fragment(await response.text()));
    show();
  } catch (failure) {
    if (failure.name === "AbortError") return;
    body.textContent = "Esta página não pôde ser aberta: o arquivo pode ter sido excluído, ou a conexão caiu.";
    panel.focus();
  }
  panel.removeAttribute("aria-busy");
}

/** At the passage, or at the page's beginning. */
function show() {
  const target = body.querySelector("mark[data-passage]") ?? body.querySelector("h2");
  announce(body.querySelector("h2")?.textContent ?? "");
  body.scrollTop = 0;
  target?.scrollIntoView({ block: "center" });
  (target ?? panel).focus({ preventScroll: true });
}

function close() {
  going?.abort();
  panel.hidden = true;
  body.replaceChildren();
  const back = opener?.isConnected ? opener : again(opener);
  back?.focus();
  opener = null;
}

/** The same note in an article that has been rendered anew since. */
function again(link) {
  const same = link && [...document.querySelectorAll("a[data-note]")].find((other) => other.href === link.href);
  return same ?? document.getElementById("pergunta");
}

if (panel) {
  document.addEventListener("click", (event) => {
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const link = plain && event.target.closest("a[data-note], [data-panel] a[data-turn]");
    if (!link) return;
    event.preventDefault();
    open(link.href, panel.contains(link) ? null : link);
  });
  panel.querySelector("[data-close]").addEventListener("click", close);
  // Before others that listen for Escape: it closes one thing at a time.
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden || event.isComposing || document.querySelector(":popover-open")) return;
    event.stopImmediatePropagation();
    close();
  }, { capture: true });
}
