// What every form does: shapes on leaving a field, one sending at a time, a button that says that it works.

import { isTyping, on } from "./dom";
import { MASKS } from "./masks";

function submitters(form: HTMLFormElement): HTMLButtonElement[] {
  return [...form.elements].filter((element): element is HTMLButtonElement => element instanceof HTMLButtonElement && element.type === "submit");
}

function busy(form: HTMLFormElement, is: boolean, submitter?: HTMLElement | null): void {
  if (is) form.setAttribute("data-sending", "");
  else form.removeAttribute("data-sending");
  const buttons = submitters(form);
  const button = submitter instanceof HTMLButtonElement ? submitter : buttons[0];
  // Not disabled: a disabled button loses the focus, and its value is not sent.
  if (is) button?.setAttribute("aria-busy", "true");
  else for (const other of buttons) other.removeAttribute("aria-busy");
}

function shape(field: HTMLInputElement): void {
  const text = MASKS[field.dataset.mask ?? ""]?.(field.value);
  if (text !== undefined && text !== field.value) field.value = text;
}

export function start(): void {
  on("focusout", "input[data-mask]", (_, field) => shape(field as HTMLInputElement));

  // In the capture phase on the document: before htmx and before the browser.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target as HTMLFormElement;
      if (form.method === "dialog") return;
      if (form.hasAttribute("data-sending")) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      form.querySelectorAll<HTMLInputElement>("input[data-mask]").forEach(shape);
      if (form.method === "get") return;
      busy(form, true, event.submitter);
    },
    true,
  );
  document.addEventListener("htmx:finally:request", (event) => {
    const { sourceElement } = (event as CustomEvent).detail.ctx;
    if (sourceElement instanceof HTMLFormElement) busy(sourceElement, false);
  });
  // htmx drops a form that does not fill its own rules, and asks no more.
  document.addEventListener("invalid", (event) => {
    const form = (event.target as HTMLInputElement).form;
    if (form) busy(form, false);
  }, true);
  addEventListener("pageshow", () => {
    for (const form of document.forms) busy(form, false);
  });

  // Ctrl+Enter sends from anywhere in a form, a text of many lines included.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !isTyping(event.target)) return;
    (event.target as HTMLInputElement).form?.requestSubmit();
  });
}
