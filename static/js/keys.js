/* The `/` key goes to the search: to the page's own box, or to the one at the side. Escape leaves that one. */

const field = document.querySelector("main [data-search]") ?? document.querySelector("[data-search]");

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || !field) return;
  event.preventDefault();
  const drawer = field.closest("[popover]");
  if (drawer && !field.checkVisibility()) drawer.showPopover();
  field.focus();
  field.select();
});

field?.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) field.blur();
});
