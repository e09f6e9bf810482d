/* Stops the reply being written without leaving the page; its stream then brings the end. Escape does the same. */

const UNHEARD = "Não foi possível parar a resposta. Tente de novo.";

const button = document.querySelector("[data-stop-writing]");
const error = document.querySelector("[data-ask-error]");
const actions = document.getElementById("acoes");

function written() {
  return document.querySelector("article[data-stop]");
}

function update() {
  const article = written();
  button.hidden = !article;
  if (article) button.formAction = article.dataset.stop;
}

async function stop() {
  const url = written()?.dataset.stop;
  if (!url) return;
  button.disabled = true;
  heard();
  const headers = { Accept: "text/event-stream", "X-CSRFToken": actions.elements.csrfmiddlewaretoken.value };
  try {
    const response = await fetch(url, { method: "POST", headers });
    if (!response.ok) throw new Error(`status ${response.status}`);
  } catch {
    button.disabled = false; // not heard: it can be pressed again
    if (error && written()) error.textContent = UNHEARD;
  }
}

function heard() {
  if (error?.textContent === UNHEARD) error.replaceChildren();
}

if (button && actions) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    stop();
  });
  document.addEventListener("keydown", (event) => {
    const meansAnother = document.querySelector(":popover-open") || event.target.closest("[type=search], select");
    if (event.key === "Escape" && !event.isComposing && !meansAnother) stop();
  });
  for (const change of ["reply:begins", "reply:ended"]) {
    document.addEventListener(change, () => {
      button.disabled = false;
      heard();
      update();
    });
  }
}
