/* The `/` key goes to the search. */

const field = document.querySelector("[data-search]");

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || !field) return;
  event.preventDefault();
  const drawer = field.closest("[popover]");
  if (drawer && !field.checkVisibility()) drawer.showPopover();
  field.focus();
});
