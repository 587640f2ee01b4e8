// What others change is seen: the stream carries kinds and ids alone, and what shows them is asked for anew.
// A missed event means that something is stale for a moment, never that it is wrong.
//
// `change` events carry {kind, id, op, change_set}; `notification` says that the reader's own are others; `reset`
// means that more was missed than is told: then everything is asked for. The browser itself comes again, with
// `Last-Event-ID`.

import htmx from "htmx.org";
import { ask } from "./csrf";

const TOGETHER = 250;

let source: EventSource | undefined;
const waiting = new Set<Element>();
let rest: number | undefined;

// Writes of this page whose answer it has shown already. Their events may come before the answer does.
const own = new Set<number>();
const heard = new Map<Element, Set<number>>();

/** This page made that change set, and shows what came of it. */
export function ours(changeSet: number): void {
  if (!changeSet) return;
  own.add(changeSet);
  for (const [element, sets] of heard) {
    sets.delete(changeSet);
    if (sets.size === 0) {
      heard.delete(element);
      waiting.delete(element);
    }
  }
}

function kindsOf(element: HTMLElement): string[] {
  return (element.dataset.live ?? "").split(/\s+/).filter(Boolean);
}

function watchers(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-live][id]:not(body)")];
}

/** Somebody works in it: what they type, hold or have open is not taken from under their hands. */
function busy(element: HTMLElement): boolean {
  if (element.querySelector(".is-held, .is-dragged, .is-moving, details[data-menu][open], [data-inline-form]:not([hidden]), dialog[open], [aria-busy=true]")) {
    return true;
  }
  return [...element.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")].some(
    (field) =>
      (field.type === "checkbox" || field.type === "radio")
        ? (field as HTMLInputElement).checked !== (field as HTMLInputElement).defaultChecked
        : field.type !== "hidden" && field.value !== field.defaultValue,
  );
}

async function refresh(): Promise<void> {
  const pages = new Map<string, HTMLElement[]>();
  for (const element of waiting) {
    if (!(element instanceof HTMLElement) || !element.isConnected) waiting.delete(element);
    else if (!busy(element)) {
      waiting.delete(element);
      heard.delete(element);
      const url = new URL(element.dataset.liveSrc ?? location.href, location.href);
      url.hash = "";
      pages.set(url.href, [...(pages.get(url.href) ?? []), element]);
    }
  }
  // Those that are busy are looked at again.
  if (waiting.size > 0) rest = setTimeout(refresh, 2_000);
  await Promise.all([...pages].map(([url, elements]) => fetchInto(url, elements)));
}

async function fetchInto(url: string, elements: HTMLElement[]): Promise<void> {
  try {
    const response = await ask(url, { headers: { Accept: "text/html", "HX-Request": "true", "HX-Request-Type": "full" } });
    if (!response.ok || response.redirected) return;
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const element of elements) {
      const fresh = answer.getElementById(element.id);
      if (!element.isConnected || !fresh) continue;
      if (busy(element)) waiting.add(element);
      // Morphing keeps the focus, the scroll of columns and what did not change.
      else await htmx.swap({ text: fresh.outerHTML, target: element, swap: "outerMorph", sourceElement: element });
    }
    if (waiting.size > 0) schedule();
  } catch {
    // The next event asks again.
  }
}

function schedule(): void {
  clearTimeout(rest);
  rest = setTimeout(refresh, TOGETHER);
}

function changed(kind: string | undefined, changeSet?: number): void {
  if (changeSet && own.has(changeSet)) return;
  for (const element of watchers()) {
    if (kind && !kindsOf(element).includes(kind)) continue;
    // Only what waits for known writes alone can be spared by `ours`.
    if (!changeSet) heard.delete(element);
    else if (heard.has(element) || !waiting.has(element)) heard.set(element, (heard.get(element) ?? new Set()).add(changeSet));
    waiting.add(element);
  }
  if (waiting.size > 0) schedule();
}

function lost(is: boolean): void {
  if (is) document.documentElement.dataset.stream = "lost";
  else delete document.documentElement.dataset.stream;
}

let delay: number | undefined;

function connect(): void {
  const url = document.body.dataset.live;
  if (!url || source) return;
  source = new EventSource(url);
  let before = false;
  source.addEventListener("open", () => {
    clearTimeout(delay);
    // It was away: the browser asks for what was missed, but not if it has no last id yet.
    if (before) changed(undefined);
    before = true;
    lost(false);
  });
  source.addEventListener("error", () => {
    // A stream that ends is opened again within seconds: that alone is no news.
    clearTimeout(delay);
    delay = setTimeout(() => lost(true), 6_000);
    // Closed for good, as by an error status: later, by ourselves.
    if (source?.readyState === EventSource.CLOSED) {
      source = undefined;
      setTimeout(connect, 15_000);
    }
  });
  source.addEventListener("change", (event) => {
    try {
      const { kind, change_set: set } = JSON.parse((event as MessageEvent<string>).data);
      changed(kind, set);
    } catch {
      changed(undefined);
    }
  });
  source.addEventListener("notification", () => changed("notification"));
  source.addEventListener("reset", () => changed(undefined));
}

function disconnect(): void {
  source?.close();
  source = undefined;
}

export function start(): void {
  connect();
  // What stands around the page comes without its number: pages do not wait for it.
  changed("notification");
  // A hidden page needs no stream, and a browser has only six connections to spare (HTTP/1.1).
  let hidden: number | undefined;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(disconnect, 60_000);
    else {
      if (!source) connect();
      changed(undefined);
    }
  });
  addEventListener("online", () => changed(undefined));
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", connect);
}
