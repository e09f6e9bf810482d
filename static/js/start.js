/* The start page: mode and model as last chosen in this browser, and each question sent only once. */

const form = document.querySelector("form[data-ask]");
const SENT = "enviada";

for (const name of ["mode", "model"]) {
  const select = form.elements[name];
  const key = `nova:${name}`;
  const last = localStorage.getItem(key);
  if ([...select.options].some((option) => option.value === last)) select.value = last;
  select.addEventListener("change", () => localStorage.setItem(key, select.value));
}

/* The page may come back as it was, from the browser's memory, with the key of a question already sent. The key
   stays only while the same words are sent again without ever having been seen in a conversation (draft.js). */
form.addEventListener("submit", () => {
  if (!crypto.randomUUID) return;
  const content = form.elements.content.value;
  const last = JSON.parse(sessionStorage.getItem(SENT) ?? "{}");
  const key = last.content === content ? last.key : crypto.randomUUID();
  sessionStorage.setItem(SENT, JSON.stringify({ content, key }));
  form.elements.submission_key.value = key;
});
