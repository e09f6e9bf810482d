/* Keeps what is being written in this browser, so that it survives a reload, a lost connection, an expired session.
   One draft a person and page; gone when the question has been accepted (or the person signs out: forget.js). */

const SAVE_AFTER_MS = 300;

const form = document.querySelector("form[data-ask]");
const prefix = `rascunho:${form?.dataset.ask}:`;
const key = prefix + location.pathname;

if (form) {
  const box = form.elements.content;
  const given = "edit" in form.dataset || "begun" in form.dataset ? box.defaultValue : ""; // not worth keeping
  let timer;
  const save = () => {
    clearTimeout(timer);
    if (box.value === given) localStorage.removeItem(key);
    else localStorage.setItem(key, box.value);
  };
  dropAccepted();
  if (box.value === given) restore(box);
  box.addEventListener("input", () => {
    clearTimeout(timer);
    if (box.value) timer = setTimeout(save, SAVE_AFTER_MS);
    else save();
  });
  addEventListener("pagehide", save);
  addEventListener("pageshow", (event) => event.persisted && restore(box));
}

function restore(box) {
  const kept = localStorage.getItem(key);
  box.value = kept ?? box.defaultValue;
  // What the page begins the question with comes after what was being written already.
  if ("begun" in form.dataset && kept && !kept.includes(box.defaultValue.trim())) box.value = `${kept.trimEnd()}\n\n${box.defaultValue}`;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

/** What is word for word the last question was accepted, even if the page that sent it never heard. */
function dropAccepted() {
  const words = (text) => (text ?? "").replace(/\r\n?/g, "\n").trim();
  const question = [...document.querySelectorAll("[data-role=user] [data-text]")].at(-1);
  if (!question) return;
  for (const kept of Object.keys(localStorage)) {
    const sentFrom = kept === key || kept === prefix + form.dataset.start || /^rascunho:.*\/editar\/$/.test(kept);
    if (sentFrom && words(localStorage.getItem(kept)) === words(question.textContent)) localStorage.removeItem(kept);
  }
  sessionStorage.removeItem("enviada");
}
