/* The bar above the text: one stop for the Tab key, arrows within it. What its buttons do is in editor-toolbar.js. */

const STOPS = "button, select";

/** Brings the bar to life. `writing` waits for the editor, which does what is asked for (null: it cannot come). */
export function liven(bar, writing) {
  const style = bar.querySelector("[data-style-choice]");
  const stops = () => [...bar.querySelectorAll(STOPS)].filter((stop) => stop.checkVisibility() && !stop.disabled);
  bar.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-do]");
    if (button) (await writing())?.act(button.dataset.do);
  });
  bar.addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault()); // the text keeps its selection
  let isByHand = false; // with keys one goes through the list entry by entry, and stays in it until Enter or Escape
  style.addEventListener("pointerdown", () => { isByHand = true; });
  style.addEventListener("keydown", async (event) => {
    isByHand = false;
    if (event.key !== "Enter") return;
    event.preventDefault();
    (await writing())?.focus();
  });
  style.addEventListener("change", async () => {
    const { value } = style, isChosen = isByHand; // the editor shows in the list where the cursor is
    const editor = await writing();
    editor?.style(value);
    if (isChosen) editor?.focus();
  });
  bar.addEventListener("keydown", async (event) => {
    const here = stops().indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const last = stops().length - 1;
    const there = step ? (here + step + last + 1) % (last + 1) : { Home: 0, End: last }[event.key];
    if (event.key === "Escape") return void (await writing())?.focus();
    if (there === undefined || here < 0) return;
    event.preventDefault();
    stops()[there].focus();
  });
  bar.addEventListener("focusin", (event) => settle(bar, event.target));
  settle(bar, style);
}

/** Only one of them is reached by Tab. */
export function settle(bar, stop) {
  for (const other of bar.querySelectorAll(STOPS)) other.tabIndex = other === stop ? 0 : -1;
}
