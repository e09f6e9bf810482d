/* Signing out takes drafts, questions and names of files out of this browser: the next person at the desk must not find them. */

function forget() {
  for (const key of Object.keys(localStorage)) {
    if (/^(rascunho|envio):/.test(key)) localStorage.removeItem(key);
  }
  for (const key of Object.keys(sessionStorage)) {
    if (/^(anexos:|enviada$)/.test(key)) sessionStorage.removeItem(key);
  }
}

for (const form of document.querySelectorAll("form[data-sign-out]")) {
  // On `pagehide`, after the question box has saved its words for the last time.
  form.addEventListener("submit", () => addEventListener("pagehide", forget));
}
