// `[data-dialog="id"]` opens a dialog of the page; without it, or without scripts, a link leads to its page.

import { on, plainClick } from "./dom";

export function open(dialog: HTMLDialogElement): void {
  if (!dialog.open) dialog.showModal();
}

export function start(): void {
  on("click", "[data-dialog]", (event, trigger) => {
    const dialog = document.getElementById(trigger.dataset.dialog ?? "");
    if (!(dialog instanceof HTMLDialogElement) || !plainClick(event)) return;
    event.preventDefault();
    event.stopPropagation();
    open(dialog);
  });
  // A click beside it: the dialog itself is hit only by its backdrop, for its content covers it.
  document.addEventListener("pointerdown", (event) => {
    const dialog = event.target;
    if (!(dialog instanceof HTMLDialogElement) || !dialog.open) return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) dialog.close();
  });
  // A page that comes in ends the dialogs of the one before.
  document.addEventListener("htmx:before:swap", (event) => {
    if ((event as CustomEvent).detail.ctx?.select !== "#main") return;
    document.querySelectorAll<HTMLDialogElement>("dialog[open]").forEach((dialog) => dialog.close());
  });
}
