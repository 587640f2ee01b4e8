// Filters that ask by themselves: a choice at once, a text when somebody pauses. What is typed while an answer
// comes is not taken back by it.

import { on } from "./dom";

const PAUSE = 350;

export function start(): void {
  let rest: number | undefined;
  const send = (form: HTMLFormElement, after: number): void => {
    clearTimeout(rest);
    rest = setTimeout(() => form.isConnected && form.requestSubmit(), after);
  };
  let typed: { id: string; value: string } | undefined;
  on("input", "form[data-filter]", (event, form) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || !field.matches("[type=search], [type=text]")) return;
    typed = { id: field.id, value: field.value };
    send(form as HTMLFormElement, PAUSE);
  });
  on("change", "form[data-filter]", (event, form) => {
    if (event.target instanceof Element && !event.target.matches("[type=search], [type=text]")) send(form as HTMLFormElement, 0);
  });
  document.addEventListener("htmx:after:swap", () => {
    const field = document.activeElement;
    if (!typed || !(field instanceof HTMLInputElement) || field.id !== typed.id) return;
    const { value } = typed;
    const form = field.form;
    typed = undefined;
    if (field.value === value || !form) return;
    field.value = value;
    field.setSelectionRange(value.length, value.length);
    send(form, PAUSE);
  });
}
