/* The number of a processo while it is typed: the server says its court, or what is wrong; its mask comes on leaving. */

import { fragment } from "./page.js";

const WAIT_MS = 250; // after the last key
const WHOLE = 20; // digits

const form = document.querySelector("[data-case-form]");
const field = form?.elements.case_number;
const said = form?.querySelector("[data-number-said]");
let timer;
let asking;
let press = null; // a promise, while a pointer is down: it ends with it

const digits = () => field.value.replace(/\D/g, "");

/** Words that came between a press and its release would move the button away from under it, and no click would come. */
function watchPresses() {
  let release;
  addEventListener("pointerdown", () => (press ??= new Promise((resolve) => (release = resolve))));
  for (const end of ["pointerup", "pointercancel"]) {
    addEventListener(end, () => {
      press = null;
      setTimeout(() => release?.()); // the click comes first
    });
  }
}

/** Asks about what stands in the field; an earlier question that is not answered yet is given up. */
async function ask({ mask }) {
  clearTimeout(timer);
  asking?.abort();
  if (!field.value.trim()) {
    said.replaceChildren();
    return;
  }
  asking = new AbortController();
  const url = new URL(form.dataset.caseForm, location.href);
  url.searchParams.set("numero", field.value);
  const asked = field.value;
  const response = await fetch(url, { headers: { "HX-Request": "true" }, signal: asking.signal });
  if (!response.ok || response.redirected || field.value !== asked) return;
  const answer = fragment(await response.text());
  await press;
  if (field.value !== asked) return;
  const masked = answer.querySelector("[data-masked]")?.dataset.masked;
  field.setAttribute("aria-invalid", String(!masked));
  said.replaceChildren(answer);
  document.getElementById(`${field.id}_error`)?.remove(); // what the server said of an earlier try
  if (masked && mask) field.value = masked;
}

/** While it is incomplete there is nothing to say yet. */
function later() {
  clearTimeout(timer);
  asking?.abort();
  if (digits().length < WHOLE) {
    said.replaceChildren();
    field.removeAttribute("aria-invalid");
    return;
  }
  timer = setTimeout(() => ask({ mask: false }).catch(() => {}), WAIT_MS);
}

if (field && said) {
  watchPresses();
  field.addEventListener("input", later);
  field.addEventListener("change", () => ask({ mask: true }).catch(() => {}));
}
