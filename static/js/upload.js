/* Takes files to be sent, several at once: chosen, dropped anywhere on the page, or pasted. Each is sent by itself
   (sendings.js). Without this script the form sends what was chosen. */

import { Sending } from "./sendings.js";

const AT_ONCE = 3;

const form = document.querySelector("form[data-upload]");
const [input, error, button] = [form.elements.file, form.querySelector("[data-upload-error]"), form.querySelector("[data-upload-send]")];
const waiting = [];
const going = new Set();

button.hidden = true; // what is chosen goes at once
input.required = false;
input.addEventListener("change", chosen);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  take([...input.files]);
});
addEventListener("beforeunload", (event) => {
  if ([...going, ...waiting].some((sending) => !sending.left)) event.preventDefault();
});

// Dropping and pasting ------------------------------------------------------------------------

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
for (const type of ["dragenter", "dragover"]) {
  addEventListener(type, (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    document.body.toggleAttribute("data-dropping", true);
  });
}
addEventListener("dragleave", (event) => event.relatedTarget || document.body.removeAttribute("data-dropping"));
addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  document.body.removeAttribute("data-dropping");
  const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
  const folders = items.filter((item) => item.webkitGetAsEntry?.()?.isDirectory);
  take(items.filter((item) => !folders.includes(item)).map((item) => item.getAsFile()).filter(Boolean));
  if (folders.length) error.textContent = "Pastas não podem ser enviadas. Abra a pasta e arraste os arquivos dela.";
});
addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length || isText(event)) return;
  event.preventDefault();
  take(files.map(named));
});

/** What was copied from a spreadsheet or a text is in the clipboard as a picture, too; where one writes, it is text. */
function isText({ clipboardData, target }) {
  const rich = ["text/plain", "text/html"].every((type) => clipboardData.types.includes(type));
  return rich && target.closest?.("textarea, input:not([type=file])");
}

/** A picture that was copied is called `image.png`, all of them; its moment tells them apart. */
function named(file) {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const moment = new Date().toLocaleString("pt-BR").replaceAll("/", "-").replaceAll(":", "h").replace(", ", " ");
  return new File([file], `Imagem colada ${moment}.${file.name.split(".").pop()}`, { type: file.type });
}

// The queue -----------------------------------------------------------------------------------

function chosen() {
  take([...input.files]);
  input.value = ""; // so that the same file can be chosen again
}

function take(files) {
  error.replaceChildren();
  for (const file of files) waiting.push(new Sending(file, { form, again }));
  next();
}

function again(sending) {
  error.replaceChildren();
  waiting.push(sending);
  next();
}

function next() {
  while (waiting.length && going.size < AT_ONCE) {
    const sending = waiting.shift();
    going.add(sending);
    sending.start().finally(() => {
      going.delete(sending);
      next();
    });
  }
}

if (input.files.length) chosen(); // before this script was there: on a slow line the page is usable earlier
