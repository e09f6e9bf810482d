/* What several behaviours need of the page: the server's HTML as nodes, the status line, the way to sign in. */

/** Nodes of HTML that this site's server has made (and sanitised). */
export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Says `words` to a screen reader, in the page's one `role="status"`. */
export function announce(words) {
  const region = document.querySelector("[data-announce]");
  if (region) region.textContent = words;
}

/** A sentence that ends with a link to sign in and come back here. */
export function signInAgain(sentence) {
  const next = encodeURIComponent(location.pathname + location.search);
  return [`${sentence} `, link("Entrar de novo", `${document.body.dataset.signIn}?next=${next}`)];
}

/** A sentence that ends with a link to this page, made anew. What is in the question box is kept as a draft. */
export function reloadPage(sentence) {
  return [`${sentence} `, link("Recarregar a página", location.pathname + location.search)];
}

function link(words, href) {
  const element = document.createElement("a");
  return Object.assign(element, { textContent: words, href });
}
