// What was typed is not lost: not by a reload, not by a session that ends in the middle. A form with an id and
// `data-draft` is kept in this tab's own storage while it is dirty, and offered back when it is seen again.
// What was sent and accepted is forgotten. Passwords, tokens and files are never kept.

import { onContent } from "./dom";

const PREFIX = "draft:";
const KEPT = "form[id][data-draft]";

type Values = Record<string, string[]>;

/** The place of a form: the same form of another record is another. */
const keyOf = (form: HTMLFormElement): string => `${PREFIX}${form.dataset.draft || location.pathname}#${form.id}`;

function fields(form: HTMLFormElement): (HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement)[] {
  return [...form.elements].filter(
    (element): element is HTMLInputElement =>
      element.matches("input:not([type=hidden], [type=password], [type=file], [type=submit], [type=button]), select, textarea") &&
      (element as HTMLInputElement).name !== "",
  );
}

function isChanged(field: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement): boolean {
  if (field instanceof HTMLSelectElement) return [...field.options].some((option, index) => option.selected !== (option.defaultSelected || (index === 0 && !field.querySelector("option[selected]"))));
  if (field.type === "checkbox" || field.type === "radio") {
    return (field as HTMLInputElement).checked !== (field as HTMLInputElement).defaultChecked;
  }
  return field.value !== field.defaultValue;
}

function isDirty(form: HTMLFormElement): boolean {
  return fields(form).some(isChanged);
}

function valuesOf(form: HTMLFormElement): Values {
  const values: Values = {};
  for (const field of fields(form)) {
    const list = (values[field.name] ??= []);
    const box = field.type === "checkbox" || field.type === "radio";
    if (!box || (field as HTMLInputElement).checked) list.push(field.value);
  }
  return values;
}

function restore(form: HTMLFormElement, values: Values): void {
  for (const field of fields(form)) {
    const list = values[field.name];
    if (!list) continue;
    if (field.type === "checkbox" || field.type === "radio") (field as HTMLInputElement).checked = list.includes(field.value);
    else field.value = list.shift() ?? "";
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function keep(form: HTMLFormElement): void {
  try {
    if (isDirty(form)) sessionStorage.setItem(keyOf(form), JSON.stringify(valuesOf(form)));
    else sessionStorage.removeItem(keyOf(form));
  } catch {
    // No storage, no drafts.
  }
}

function stored(form: HTMLFormElement): Values | undefined {
  try {
    const text = sessionStorage.getItem(keyOf(form));
    return text ? (JSON.parse(text) as Values) : undefined;
  } catch {
    return undefined;
  }
}

function offer(form: HTMLFormElement): void {
  if (form.dataset.draftSeen !== undefined) return;
  form.dataset.draftSeen = "";
  // The browser keeps fields over a reload by itself, and an answer of 422 shows what was sent: then there is nothing to offer.
  const values = stored(form);
  const template = document.querySelector<HTMLTemplateElement>("template#draft-offer");
  const bar = template?.content.firstElementChild;
  if (!values || !bar || JSON.stringify(values) === JSON.stringify(valuesOf(form))) return;
  const element = document.importNode(bar, true) as HTMLElement;
  form.prepend(element);
  element.querySelector("[data-draft-use]")?.addEventListener("click", () => {
    restore(form, values);
    element.remove();
    fields(form)[0]?.focus();
  });
  element.querySelector("[data-draft-drop]")?.addEventListener("click", () => {
    sessionStorage.removeItem(keyOf(form));
    element.remove();
  });
}

export function start(): void {
  onContent((root) => root.querySelectorAll<HTMLFormElement>(KEPT).forEach(offer));
  let rest: number | undefined;
  for (const type of ["input", "change"]) {
    document.addEventListener(type, (event) => {
      const form = (event.target as HTMLInputElement).form;
      if (!form?.matches(KEPT)) return;
      clearTimeout(rest);
      rest = setTimeout(() => keep(form), 300);
    });
  }
  const keepAll = (): void => document.querySelectorAll<HTMLFormElement>(KEPT).forEach((form) => isDirty(form) && keep(form));
  addEventListener("pagehide", keepAll);
  // navigation.ts goes to another page, as to the sign-in.
  let leaving = false;
  document.addEventListener("sindico:leave", () => {
    leaving = true;
    keepAll();
  });
  // Accepted: the key is the one of the page that was sent from, before the address changes.
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = (event as CustomEvent).detail;
    const form = ctx?.sourceElement;
    if (!(form instanceof HTMLFormElement) || !form.matches(KEPT)) return;
    clearTimeout(rest);
    if (ctx.response?.status < 400) {
      sessionStorage.removeItem(keyOf(form));
      form.dataset.accepted = "";
    }
  });
  addEventListener("beforeunload", (event) => {
    if (leaving) return;
    const forms = [...document.querySelectorAll<HTMLFormElement>(KEPT)];
    // One that is being sent leaves on purpose.
    if (forms.some((form) => !form.hasAttribute("data-sending") && isDirty(form))) event.preventDefault();
  });
}
