/* What is pasted before the editor is there: where it is to stand there is a mark, and the editor reads it there. */

// No letter and no space; without it browsers write on before an element that is empty.
const JOINER = "\u2060";

export class Pasted {
  constructor(text) {
    this.text = text;
    this.all = []; // {mark, html, plain}
  }

  take(event) {
    event.preventDefault();
    const [html, plain] = ["text/html", "text/plain"].map((type) => event.clipboardData.getData(type));
    const mark = Object.assign(document.createElement("span"), { textContent: JOINER }), selection = getSelection();
    if (!this.text.contains(selection.anchorNode)) selection.selectAllChildren(this.text);
    const range = selection.getRangeAt(0);
    range.deleteContents();
    range.insertNode(mark);
    selection.setPosition(mark.firstChild, 1);
    mark.dataset.pasted = this.all.push({ mark, html, plain }) - 1;
  }

  /** In a copy of the text, the words alone. */
  sayIn(copy) {
    this.all.forEach(({ plain }, number) => {
      const mark = copy.querySelector(`[data-pasted="${number}"]`);
      if (mark) mark.textContent = mark.textContent.replace(JOINER, plain);
    });
  }

  /** What has not been taken back: where each stands, {node, offset}, in the place of one sign, and what it is. */
  standingIn(text) {
    return this.all.filter(({ mark }) => text.contains(mark) && mark.textContent.startsWith(JOINER)).map(({ mark, ...one }) => (
      { ...one, node: mark.parentNode, offset: [...mark.parentNode.childNodes].indexOf(mark) }
    ));
  }
}
