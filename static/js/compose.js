/* The question box: Enter sends, Shift+Enter breaks the line, it grows with its text, and counts near the limit. */

const NEAR = 0.9; // of the limit

const form = document.querySelector("form[data-ask]");
const touch = matchMedia("(pointer: coarse)"); // there Enter is the only way to break a line
const number = new Intl.NumberFormat("pt-BR");

if (form) {
  const box = form.elements.content;
  box.addEventListener("keydown", (event) => {
    const composing = event.isComposing || event.keyCode === 229; // an accent or a word still being put together
    if (event.key !== "Enter" || composing || event.shiftKey || event.altKey) return;
    if (touch.matches && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    form.requestSubmit();
  });
  const update = () => {
    grow(box);
    count(box, form.querySelector("[data-counter]"));
  };
  box.addEventListener("input", update);
  update();
}

/** Only where the style sheet's `field-sizing` can't. */
function grow(box) {
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

/** Counts as the server does, in code points; silent while the limit is far. */
function count(box, counter) {
  const limit = Number(box.dataset.limit);
  if (box.value.length < limit * NEAR) {
    counter.hidden = true;
    return;
  }
  const length = [...box.value].length;
  counter.hidden = false;
  counter.classList.toggle("over", length > limit);
  counter.textContent = `${number.format(length)} de ${number.format(limit)} caracteres`;
}
