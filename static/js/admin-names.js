/* Names that Django's own forms leave out: of the box that Select2 puts over a list of people, of its search field, of
   the help beside a list that is filtered, and of an inline table's first column. On the administration's pages. */

"use strict";
{
  const nameOf = (select) => select.getAttribute("aria-label") || select.labels[0]?.textContent.replace(/:\s*$/, "");

  const nameAll = () => {
    for (const select of document.querySelectorAll("select.admin-autocomplete")) {
      const box = select.nextElementSibling?.querySelector("[role=combobox]");
      const shown = box?.querySelector("[role=textbox]");
      for (const part of [box, shown]) part?.setAttribute("aria-label", nameOf(select));
      // What is said is the name and what is chosen.
      if (shown?.id) box.setAttribute("aria-describedby", shown.id);
      box?.removeAttribute("aria-labelledby");
    }
    for (const help of document.querySelectorAll(".help-tooltip[aria-label]")) help.setAttribute("role", "img");
    for (const head of document.querySelectorAll(".inline-group th.original:empty")) {
      head.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: "Registro" }));
    }
  };

  addEventListener("load", () => setTimeout(nameAll)); // jQuery has put off what makes the boxes, too
  document.addEventListener("formset:added", () => setTimeout(nameAll));
  document.addEventListener("focusin", (event) => {
    if (!event.target.matches(".select2-search__field")) return;
    event.target.setAttribute("aria-label", "Procurar");
    const list = event.target.closest(".select2-container");
    list.setAttribute("role", "region");
    list.setAttribute("aria-label", "Escolher");
    const box = document.querySelector("[role=combobox][aria-owns]");
    box?.setAttribute("aria-controls", box.getAttribute("aria-owns"));
  });
}
