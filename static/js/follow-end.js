/* The page stays at its end while a reply grows, but only for a reader who is there; nobody else is moved. */

const NEAR_PX = 48;

const thread = document.querySelector("[data-thread]");
const button = document.querySelector("[data-to-end]");
const page = document.scrollingElement;

let atEnd = false;
let last = scrollY;

const distance = () => page.scrollHeight - innerHeight - scrollY;

function toEnd() {
  atEnd = true;
  scrollTo({ top: page.scrollHeight, behavior: "instant" });
  update();
}

function update() {
  if (button) button.hidden = atEnd || distance() < innerHeight / 2;
}

function scrolled() {
  if (scrollY < last) atEnd = distance() < 2; // she went up, if only a little
  else if (distance() < NEAR_PX) atEnd = true;
  last = scrollY;
  update();
}

if (thread) {
  const navigation = performance.getEntriesByType("navigation")[0]?.type;
  if (!location.hash && navigation === "navigate") toEnd();
  else addEventListener("load", scrolled);
  addEventListener("scroll", scrolled, { passive: true });
  button?.addEventListener("click", toEnd);
  document.addEventListener("question:sent", toEnd);
  new ResizeObserver(() => (atEnd ? toEnd() : update())).observe(document.body);
}
