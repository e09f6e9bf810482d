/* Signing out takes drafts, questions and names of files out of this browser: the next person at the desk must not find them. */

function forget() {
  for (const store of [localStorage, sessionStorage]) {
    for (const key of Object.keys(store)) if (/^(rascunho:|envio:|anexos:|enviada$)/.test(key)) store.removeItem(key);
  }
}

for (const form of document.querySelectorAll("form[data-sign-out]")) {
  // On `pagehide`, after the question box has saved its words for the last time.
  form.addEventListener("submit", () => addEventListener("pagehide", forget));
}
