// Messages that go by themselves. The server renders them in `<template data-toast>`, wherever the template
// stands in an answer; `show` makes one of our own words.

import htmx from "htmx.org";
import { each, on, onContent } from "./dom";

const STAY = 8_000;

type Tone = "ok" | "danger" | "warn" | "info";
const ICONS: Record<Tone, string> = { ok: "circle-check", danger: "circle-alert", warn: "triangle-alert", info: "info" };

function region(): HTMLElement | null {
  return document.getElementById("toasts");
}

/** The sprite's address, as the server's own icons name it. */
export function icon(name: string): SVGSVGElement {
  const sprite = document.querySelector("use")?.getAttribute("href")?.split("#")[0] ?? "";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.classList.add("icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

function add(toast: HTMLElement): void {
  const place = region();
  if (!place) return;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button-small button-icon toast-close";
  close.setAttribute("aria-label", place.dataset.close ?? "");
  close.append(icon("x"));
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
  let rest: number | undefined;
  const wait = (): void => {
    clearTimeout(rest);
    rest = setTimeout(() => toast.remove(), STAY);
  };
  const stay = (): void => clearTimeout(rest);
  for (const type of ["pointerenter", "focusin"]) toast.addEventListener(type, stay);
  for (const type of ["pointerleave", "focusout"]) toast.addEventListener(type, wait);
  place.append(toast);
  // More than three at once are not read.
  while (place.children.length > 3) place.firstElementChild?.remove();
  htmx.process(toast);
  wait();
}

export function show(text: string, tone: Tone = "ok"): void {
  if (!text) return;
  const toast = document.createElement("div");
  toast.className = `toast tone-${tone}`;
  const words = document.createElement("span");
  words.className = "toast-text";
  words.textContent = text;
  toast.append(icon(ICONS[tone]), words);
  add(toast);
}

/** Shows what the server has put into templates. */
export function pick(root: ParentNode): void {
  each<HTMLTemplateElement>(root, "template[data-toast]", (template) => {
    template.remove();
    each<HTMLElement>(template.content, ".toast", (toast) => add(document.importNode(toast, true)));
  });
}

export function start(): void {
  onContent(pick);
  // An answer may bring it beside what is swapped.
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx, tasks } = (event as CustomEvent).detail;
    for (const task of tasks ?? []) if (task.fragment) pick(task.fragment);
    // Of a whole page only its parts are swapped, and its messages stand beside them.
    if (ctx?.select !== "#main" || !ctx.text?.includes("data-toast")) return;
    const page = new DOMParser().parseFromString(ctx.text, "text/html");
    page.getElementById("main")?.remove();
    pick(page);
  });
  // Undone: the offer is gone before its answer comes.
  on("submit", "#toasts form", (_, form) => setTimeout(() => form.closest(".toast")?.remove()));
}
