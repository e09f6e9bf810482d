/* A quoted passage is brought into view and given the focus, so that reading goes on there. Without this script the
   link's own #trecho does it. */

const passage = document.querySelector("mark[data-passage]");
if (passage) {
  passage.scrollIntoView({ block: "center" });
  passage.focus({ preventScroll: true });
}
