// The command palette: what the page offers (a template of links and forms that the server renders) and what
// a live search finds, under the ARIA pattern of a combobox with a list.

import htmx from "htmx.org";
import { ask } from "./csrf";
import { announce, fill, fold, on, plainClick } from "./dom";
import { icon } from "./toast";

interface Entry {
  source: HTMLElement;
  text: string;
}

const parts = () => ({
  dialog: document.querySelector<HTMLDialogElement>("dialog#palette"),
  input: document.querySelector<HTMLInputElement>("#palette-input"),
  list: document.querySelector<HTMLElement>("#palette-list"),
});

function commands(): Entry[] {
  const template = document.querySelector<HTMLTemplateElement>("template#palette-commands");
  return [...(template?.content.querySelectorAll<HTMLElement>("a, form") ?? [])].map((source) => ({
    source,
    text: fold(`${source.textContent} ${source.dataset.keywords ?? ""}`),
  }));
}

/** All words are in it; those that begin a word come first. */
function rank(text: string, words: string[]): number {
  let sum = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return -1;
    sum += at === 0 || text[at - 1] === " " ? 0 : 1;
  }
  return sum;
}

function option(source: HTMLElement, index: number): HTMLElement {
  const item = document.createElement("div");
  item.className = "palette-item";
  item.role = "option";
  item.id = `palette-${index}`;
  item.ariaSelected = "false";
  for (const child of source.children) if (!child.matches("input")) item.append(document.importNode(child, true));
  if (!item.querySelector("svg")) item.prepend(icon("arrow-right"));
  const keys = source.dataset.shortcut;
  if (keys) {
    const key = document.createElement("kbd");
    key.className = "kbd end";
    key.textContent = keys;
    item.append(key);
  }
  return item;
}

let shown: HTMLElement[] = [];
let sources: HTMLElement[] = [];
let at = -1;
let asked: AbortController | undefined;
let found: HTMLElement[] = [];
let rest: number | undefined;

function select(index: number): void {
  const { input } = parts();
  shown[at]?.setAttribute("aria-selected", "false");
  at = shown.length === 0 ? -1 : (index + shown.length) % shown.length;
  const now = shown[at];
  now?.setAttribute("aria-selected", "true");
  now?.scrollIntoView({ block: "nearest" });
  if (now) input?.setAttribute("aria-activedescendant", now.id);
  else input?.removeAttribute("aria-activedescendant");
}

function draw(): void {
  const { dialog, input, list } = parts();
  if (!dialog || !input || !list) return;
  const words = fold(input.value).split(/\s+/).filter(Boolean);
  const matches = commands()
    .map((entry) => ({ ...entry, rank: rank(entry.text, words) }))
    .filter((entry) => entry.rank >= 0)
    .sort((a, b) => a.rank - b.rank)
    .map((entry) => entry.source);
  sources = [];
  shown = [];
  list.replaceChildren();
  for (const [title, entries] of [[dialog.dataset.results, found], [dialog.dataset.commands, matches]] as const) {
    if (entries.length === 0) continue;
    const group = document.createElement("div");
    group.role = "group";
    group.ariaLabel = title ?? "";
    const head = document.createElement("div");
    head.className = "palette-group";
    head.setAttribute("aria-hidden", "true");
    head.textContent = title ?? "";
    group.append(head);
    for (const source of entries) {
      const item = option(source, shown.length);
      sources.push(source);
      shown.push(item);
      group.append(item);
    }
    list.append(group);
  }
  if (shown.length === 0) {
    const empty = document.createElement("p");
    empty.className = "palette-empty";
    empty.textContent = dialog.dataset.nothing ?? "";
    list.append(empty);
  }
  input.ariaExpanded = String(shown.length > 0);
  select(0);
}

async function search(): Promise<void> {
  const { dialog, input } = parts();
  const url = dialog?.dataset.search;
  const words = input?.value.trim() ?? "";
  asked?.abort();
  if (!url || words.length < 2) {
    found = [];
    draw();
    return;
  }
  asked = new AbortController();
  try {
    const target = new URL(url, location.href);
    target.searchParams.set("fragment", "palette");
    target.searchParams.set("q", words);
    const response = await ask(target.href, { signal: asked.signal, headers: { "HX-Request": "true" } });
    if (!response.ok || response.redirected) return;
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    found = [...answer.querySelectorAll<HTMLElement>("a[href]")].slice(0, 12);
    draw();
    announce(shown.length ? fill(dialog.dataset.found ?? "", { n: shown.length }) : (dialog.dataset.nothing ?? ""));
  } catch {
    // Typed on, or no network: what stands there stays.
  }
}

function choose(index: number): void {
  const { dialog } = parts();
  const source = sources[index];
  if (!source || !dialog) return;
  dialog.close();
  use(source);
}

/** Follows a link, or sends a form, that stands in the template or was found. */
function use(source: HTMLElement): void {
  // The real link or form, in the page for the moment of its use, so that htmx takes it over like any other.
  const real = document.importNode(source, true);
  real.hidden = true;
  document.body.append(real);
  htmx.process(real);
  if (real instanceof HTMLFormElement) real.requestSubmit();
  else real.click();
  setTimeout(() => real.remove(), 30_000);
}

/** Does what these keys stand for in the palette; whether there is such a thing. */
export function byKeys(keys: string): boolean {
  const source = commands().find((entry) => entry.source.dataset.shortcut === keys)?.source;
  if (source) use(source);
  return source !== undefined;
}

export function open(): void {
  const { dialog, input } = parts();
  if (!dialog || !input || dialog.open) return;
  input.value = "";
  found = [];
  dialog.showModal();
  draw();
  input.focus();
}

export function start(): void {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      const { dialog } = parts();
      if (dialog?.open) dialog.close();
      else open();
    }
  });
  on("click", "[data-palette]", (event) => {
    if (!parts().dialog || !plainClick(event)) return;
    event.preventDefault();
    event.stopPropagation();
    open();
  });
  on("input", "#palette-input", () => {
    draw();
    clearTimeout(rest);
    rest = setTimeout(search, 150);
  });
  on("keydown", "#palette-input", (event) => {
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: Math.min(at + 8, shown.length - 1), PageUp: Math.max(at - 8, 0) };
    const move = moves[event.key];
    if (move !== undefined) {
      event.preventDefault();
      select(move);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      choose(at);
    }
  });
  on("click", ".palette-item", (_, item) => choose(shown.indexOf(item)));
  on("pointermove", ".palette-item", (_, item) => {
    const index = shown.indexOf(item);
    if (index >= 0 && index !== at) select(index);
  });
}
