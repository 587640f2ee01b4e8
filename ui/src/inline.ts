// A value that turns into its form where it stands (kit/form.rs, InlineEdit).

import { on, plainClick } from "./dom";

function edit(box: HTMLElement, is: boolean): void {
  const show = box.querySelector<HTMLElement>("[data-inline-show]");
  const form = box.querySelector<HTMLFormElement>("[data-inline-form]");
  if (!show || !form) return;
  show.hidden = is;
  form.hidden = !is;
  if (is) {
    const field = form.querySelector<HTMLInputElement>("input:not([type=hidden]), select, textarea");
    field?.focus();
    if (field instanceof HTMLInputElement && field.type !== "checkbox") field.select?.();
  } else {
    form.reset();
    show.focus();
  }
}

export function start(): void {
  on("click", "[data-inline-show]", (event, show) => {
    const box = show.closest<HTMLElement>("[data-inline]");
    if (!box || !plainClick(event)) return;
    event.preventDefault();
    event.stopPropagation();
    edit(box, true);
  });
  on("click", "[data-inline-cancel]", (_, button) => {
    const box = button.closest<HTMLElement>("[data-inline]");
    if (box) edit(box, false);
  });
  on("keydown", "[data-inline-form]", (event, form) => {
    const box = form.closest<HTMLElement>("[data-inline]");
    if (event.key !== "Escape" || !box) return;
    event.preventDefault();
    event.stopPropagation();
    edit(box, false);
  });
}
