/* Somebody else has saved in between: both texts are kept, and one chooses, when one likes, which the document has. */

export function showConflict(box, told, { saving, draft, editor }) {
  box.querySelector("[data-conflict-words]").textContent = told.words;
  box.querySelector("[data-compare]").href = told.compare;
  box.hidden = false;
  box.querySelector("[data-mine]").onclick = async () => {
    await saving.save({ over: true });
    if (saving.conflict) return;
    box.hidden = true;
    editor.commands.focus();
  };
  box.querySelector("[data-theirs]").onclick = async () => {
    if (!(await saving.setAside())) return;
    saving.isGone = true;
    draft.drop({ anyones: true });
    location.reload();
  };
}
