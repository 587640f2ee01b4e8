// Moving cards. By pointer (a long press on a screen that is touched), by keys, or by the card's own menu,
// which is a form and needs none of this. A move is one POST of `stage`, `after` and `before` (the ids of
// the neighbours, empty at an end) to the card's `data-move`; the card is moved at once and goes back if the
// server refuses. A column may have a gate, a dialog whose fields are sent along; and one whose order is not
// made by hand (`data-fixed`) takes what comes in at its top.
//
// The answer holds the card and the heads of both columns in a `[data-moved]`: each takes the place of what has
// its id. What there is to say comes as a toast.

import htmx from "htmx.org";
import { post } from "./csrf";
import { announce, fill, isTyping, on } from "./dom";
import { ours } from "./live";
import { leave, unreachable } from "./navigation";
import { pick, show } from "./toast";

interface Place {
  list: HTMLElement;
  next: Element | null;
}

const CARD = "[data-card][data-move]";
const LONG_PRESS = 350;
const SLACK = 6;

const boardOf = (card: HTMLElement): HTMLElement | null => card.closest("[data-board]");
const lists = (board: HTMLElement): HTMLElement[] => [...board.querySelectorAll<HTMLElement>("[data-stage]")];
const cards = (list: HTMLElement): HTMLElement[] => [...list.querySelectorAll<HTMLElement>(":scope > [data-card]")];
const placeOf = (card: HTMLElement): Place => ({ list: card.parentElement as HTMLElement, next: card.nextElementSibling });
const idOf = (card: Element | null | undefined): string => (card instanceof HTMLElement && card.dataset.card) || "";

function put(card: HTMLElement, place: Place): void {
  // What comes after the last card (the words of an empty column, "show more") stays after it.
  const end = [...place.list.children].find((child) => !child.matches("[data-card], .board-gap")) ?? null;
  place.list.insertBefore(card, place.next?.parentElement === place.list ? place.next : end);
}

/** Where a card really comes to: at the top of a column whose order is not made by hand, or back to its place. */
function wanted(place: Place, from: Place): Place {
  if (place.list.dataset.fixed === undefined) return place;
  return place.list === from.list ? from : { list: place.list, next: cards(place.list)[0] ?? null };
}

function words(card: HTMLElement, name: "picked" | "at" | "dropped" | "kept"): void {
  const list = card.parentElement as HTMLElement;
  const all = cards(list);
  announce(
    fill(boardOf(card)?.dataset[name] ?? "", {
      card: card.dataset.title ?? "",
      column: list.dataset.title ?? "",
      position: all.indexOf(card) + 1,
      count: all.length,
    }),
  );
}

function neighbour(card: HTMLElement, way: "previousElementSibling" | "nextElementSibling"): string {
  const other = card[way];
  return other?.matches("[data-card]") ? idOf(other) : "";
}

/** What the column's gate asks for, if it has one; `undefined` when somebody gives up. */
async function asked(card: HTMLElement, list: HTMLElement, from: Place): Promise<Record<string, string> | undefined> {
  const dialog = document.getElementById(list.dataset.gate ?? "");
  const allowed = (card.dataset.to ?? "").split(" ").includes(list.dataset.stage ?? "");
  // What the server refuses anyway is not asked for.
  if (!(dialog instanceof HTMLDialogElement) || list === from.list || !allowed) return {};
  const form = dialog.querySelector("form");
  if (!form) return {};
  form.reset();
  const title = dialog.querySelector("[data-gate-card]");
  if (title) title.textContent = card.dataset.title ?? "";
  const value = dialog.querySelector<HTMLInputElement>("[data-gate-value]");
  if (value) value.value = card.dataset.value ?? "";
  return answered(dialog, form, value);
}

/** What is typed into a dialog; `undefined` when somebody gives up. */
async function answered(dialog: HTMLDialogElement, form: HTMLFormElement, first?: HTMLInputElement | null): Promise<Record<string, string> | undefined> {
  dialog.returnValue = "";
  dialog.showModal();
  (first ?? form.querySelector<HTMLElement>("input, select, textarea"))?.focus();
  first?.select();
  await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
  if (dialog.returnValue !== "send") return undefined;
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
}

/** What a stage asks for, of the fields that the server has sent: those that the card does not tell. */
async function further(card: HTMLElement, fields: Element): Promise<Record<string, string> | undefined> {
  const dialog = document.getElementById("gate-any");
  const form = dialog?.querySelector("form");
  const place = dialog?.querySelector("[data-gate-fields]");
  if (!(dialog instanceof HTMLDialogElement) || !form || !place) return undefined;
  const title = dialog.querySelector("[data-gate-card]");
  if (title) title.textContent = card.dataset.title ?? "";
  place.replaceChildren(...[...fields.children].map((field) => document.importNode(field, true)));
  htmx.process(place);
  const values = await answered(dialog, form);
  place.replaceChildren();
  return values;
}

/** Puts what an answer holds into the place of what has the same id. */
function apply(answer: Document): void {
  const box = answer.querySelector<HTMLElement>("[data-moved]");
  ours(Number(box?.dataset.change));
  for (const fresh of [...(box?.children ?? [])]) {
    const old = document.getElementById(fresh.id);
    if (!old) continue;
    const focused = old.contains(document.activeElement);
    const now = document.importNode(fresh, true) as HTMLElement;
    old.replaceWith(now);
    htmx.process(now);
    if (focused) now.focus();
  }
  pick(answer);
}

/** Tells the server where the card is now; puts it back if that is refused. */
async function save(card: HTMLElement, from: Place): Promise<void> {
  const list = card.parentElement as HTMLElement;
  const after = neighbour(card, "previousElementSibling");
  const before = neighbour(card, "nextElementSibling");
  card.classList.add("is-moving");
  const back = (): void => {
    card.classList.remove("is-moving");
    if (card.isConnected && from.list.isConnected) put(card, from);
  };
  const giveUp = (): void => {
    back();
    words(card, "kept");
    card.focus();
  };
  let values = await asked(card, list, from);
  if (!values) return giveUp();
  let refused: string | undefined;
  try {
    const send = async (): Promise<[Response, Document]> => {
      const response = await post(card.dataset.move ?? "", { ...values, stage: list.dataset.stage ?? "", after, before });
      return [response, new DOMParser().parseFromString(await response.text(), "text/html")];
    };
    let [response, answer] = await send();
    // A gate that the page did not know of: it asks for what is missing, until that is told.
    for (let asks = answer.querySelector("[data-gate-asks]"); response.status === 422 && asks; asks = answer.querySelector("[data-gate-asks]")) {
      const more = await further(card, asks);
      if (!more) return giveUp();
      values = { ...values, ...more };
      [response, answer] = await send();
    }
    const elsewhere = response.headers.get("HX-Redirect");
    if (elsewhere) {
      back();
      leave(elsewhere);
      return;
    }
    if (response.ok && answer.querySelector("[data-moved]")) apply(answer);
    else {
      // A refusal says why in a toast of its own.
      const said = answer.querySelector<HTMLTemplateElement>("template[data-toast]")?.content.querySelector(".toast-text");
      refused = said?.textContent ?? boardOf(card)?.dataset.refused ?? "";
    }
  } catch {
    refused = unreachable();
  }
  card.classList.remove("is-moving");
  if (refused !== undefined) {
    const focused = card.contains(document.activeElement);
    back();
    if (focused) card.focus();
    show(refused, "danger");
  }
}

function moved(card: HTMLElement, from: Place): boolean {
  return card.parentElement !== from.list || card.nextElementSibling !== from.next;
}

// By keys.

let held: { card: HTMLElement; from: Place } | undefined;

function release(drop: boolean): void {
  if (!held) return;
  const { card, from } = held;
  held = undefined;
  card.classList.remove("is-held");
  if (!drop) put(card, from);
  const changed = moved(card, from);
  words(card, changed ? "dropped" : "kept");
  if (changed) void save(card, from);
  card.focus();
}

function step(card: HTMLElement, key: string): void {
  const board = boardOf(card);
  const list = card.parentElement as HTMLElement;
  if (!board) return;
  const all = cards(list);
  const at = all.indexOf(card);
  if (list.dataset.fixed !== undefined && (key === "ArrowUp" || key === "ArrowDown")) return;
  if (key === "ArrowUp" && at > 0) put(card, { list, next: all[at - 1] ?? null });
  else if (key === "ArrowDown" && at < all.length - 1) put(card, { list, next: all[at + 2] ?? null });
  else if (key === "ArrowLeft" || key === "ArrowRight") {
    const columns = lists(board);
    const other = columns[columns.indexOf(list) + (key === "ArrowLeft" ? -1 : 1)];
    const next = other && (cards(other)[Math.min(at, cards(other).length)] ?? null);
    if (other && held) put(card, wanted({ list: other, next: next ?? null }, held.from));
  }
  card.focus();
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  words(card, "at");
}

function walk(card: HTMLElement, key: string): void {
  const list = card.parentElement as HTMLElement;
  const all = cards(list);
  const at = all.indexOf(card);
  const columns = lists(boardOf(card) as HTMLElement);
  let next: HTMLElement | undefined;
  if (key === "ArrowUp") next = all[at - 1];
  else if (key === "ArrowDown") next = all[at + 1];
  else {
    const way = key === "ArrowLeft" ? -1 : 1;
    for (let index = columns.indexOf(list) + way; columns[index] && !next; index += way) {
      const others = cards(columns[index] as HTMLElement);
      next = others[Math.min(at, others.length - 1)];
    }
  }
  next?.focus();
}

function keys(event: KeyboardEvent, card: HTMLElement): void {
  // Keys in its link and its menu are theirs.
  if (event.target !== card || isTyping(event.target)) return;
  const arrow = event.key.startsWith("Arrow");
  if (event.key === " ") {
    event.preventDefault();
    if (held) release(true);
    else {
      held = { card, from: placeOf(card) };
      card.classList.add("is-held");
      words(card, "picked");
    }
  } else if (arrow) {
    event.preventDefault();
    if (held) step(card, event.key);
    else walk(card, event.key);
  } else if (event.key === "Escape" && held) {
    event.preventDefault();
    event.stopPropagation();
    release(false);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (held) release(true);
    else card.querySelector<HTMLElement>(".board-title a")?.click();
  }
}

// By pointer.

interface Drag {
  card: HTMLElement;
  ghost: HTMLElement;
  gap: HTMLElement;
  board: HTMLElement;
  from: Place;
  dx: number;
  dy: number;
  x: number;
  y: number;
  frame: number;
}

let drag: Drag | undefined;

function begin(card: HTMLElement, x: number, y: number): void {
  const board = boardOf(card);
  if (!board) return;
  const box = card.getBoundingClientRect();
  const ghost = card.cloneNode(true) as HTMLElement;
  ghost.removeAttribute("id");
  ghost.setAttribute("aria-hidden", "true");
  ghost.inert = true;
  ghost.classList.add("board-ghost");
  ghost.style.width = `${box.width}px`;
  const gap = document.createElement("li");
  gap.className = "board-gap";
  gap.style.height = `${box.height}px`;
  const from = placeOf(card);
  document.body.append(ghost);
  card.before(gap);
  card.hidden = true;
  card.classList.add("is-dragged");
  board.classList.add("board-dragging");
  dim(board, card, from.list);
  drag = { card, ghost, gap, board, from, dx: x - box.left, dy: y - box.top, x, y, frame: 0 };
  follow();
}

/** Columns that a card can't go to stand back; without a card, none does. */
function dim(board: HTMLElement, card?: HTMLElement, own?: HTMLElement): void {
  const to = (card?.dataset.to ?? "").split(" ");
  for (const list of lists(board)) {
    const open = !card || list === own || to.includes(list.dataset.stage ?? "");
    (list.parentElement as HTMLElement).classList.toggle("board-closed", !open);
  }
}

/** Once a frame: the ghost, the gap, and the board that scrolls when its edge is reached. */
function follow(): void {
  if (!drag) return;
  const { ghost, gap, board, x, y, dx, dy } = drag;
  ghost.style.transform = `translate(${x - dx}px, ${y - dy}px)`;
  const edge = board.getBoundingClientRect();
  const speed = (near: number): number => Math.max(0, 40 - near) / 3;
  board.scrollLeft += speed(edge.right - x) - speed(x - edge.left);
  const columns = lists(board).map((list) => ({ list, box: (list.parentElement as HTMLElement).getBoundingClientRect() }));
  const under = columns.find(({ box }) => x >= box.left - 6 && x <= box.right + 6);
  if (under) {
    const { list } = under;
    const inner = list.getBoundingClientRect();
    list.scrollTop += speed(inner.bottom - y) - speed(y - inner.top);
    const next = cards(list).find((card) => {
      if (card.hidden) return false;
      const box = card.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
    put(gap, wanted({ list, next: next ?? null }, drag.from));
  }
  drag.frame = requestAnimationFrame(follow);
}

function end(drop: boolean): void {
  if (!drag) return;
  const { card, ghost, gap, board, from, frame } = drag;
  drag = undefined;
  cancelAnimationFrame(frame);
  if (drop) gap.before(card);
  gap.remove();
  ghost.remove();
  card.hidden = false;
  card.classList.remove("is-dragged");
  board.classList.remove("board-dragging");
  dim(board);
  if (drop && moved(card, from)) {
    words(card, "dropped");
    void save(card, from);
  }
  // The click that ends a drag is none. One in the gate's dialog, which an Enter makes too, is somebody's answer.
  addEventListener("click", (event) => {
    if ((event.target as Element).closest("dialog")) return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true, once: true, signal: AbortSignal.timeout(80) });
}

function press(event: PointerEvent, card: HTMLElement): void {
  if (event.button !== 0 || held || drag || (event.target as Element).closest("button, summary, .menu-list, input")) return;
  const { clientX, clientY, pointerType, pointerId } = event;
  const touch = pointerType !== "mouse";
  const stop = new AbortController();
  const { signal } = stop;
  const timer = touch ? setTimeout(() => { begin(card, clientX, clientY); navigator.vibrate?.(10); }, LONG_PRESS) : undefined;
  const finish = (drop: boolean): void => {
    clearTimeout(timer);
    stop.abort();
    end(drop);
  };
  addEventListener("pointermove", (move) => {
    if (move.pointerId !== pointerId) return;
    if (drag) {
      drag.x = move.clientX;
      drag.y = move.clientY;
    } else if (Math.hypot(move.clientX - clientX, move.clientY - clientY) > SLACK) {
      if (touch) finish(false);
      else begin(card, clientX, clientY);
    }
  }, { signal });
  addEventListener("pointerup", () => finish(true), { signal });
  addEventListener("pointercancel", () => finish(false), { signal });
  // While a card is held by a finger, the page does not scroll and shows no menu of its own.
  addEventListener("touchmove", (move) => drag && move.preventDefault(), { signal, passive: false });
  addEventListener("contextmenu", (menu) => (drag || touch) && menu.preventDefault(), { signal });
  addEventListener("keydown", (key) => {
    if (key.key !== "Escape" || !drag) return;
    key.preventDefault();
    finish(false);
  }, { signal, capture: true });
}

/** The card's menu: the same move, to the top of the column. */
function choose(event: SubmitEvent, form: HTMLElement): void {
  const card = form.closest<HTMLElement>(CARD);
  const stage = event.submitter instanceof HTMLButtonElement ? event.submitter.value : "";
  const board = card && boardOf(card);
  const list = board && lists(board).find((one) => one.dataset.stage === stage);
  if (!card || !list) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const menu = form.closest("details");
  if (menu) menu.open = false;
  const from = placeOf(card);
  put(card, { list, next: cards(list)[0] ?? null });
  words(card, "dropped");
  card.focus();
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  void save(card, from);
}

export function start(): void {
  on("submit", "[data-move-form]", choose);
  on("keydown", CARD, keys);
  on("pointerdown", CARD, press);
  // The browser's own dragging, of the link in the card, would end ours.
  on("dragstart", CARD, (event) => event.preventDefault());
  on("focusout", CARD, () => setTimeout(() => {
    if (held && document.activeElement !== held.card && !held.card.contains(document.activeElement)) release(false);
  }, 60));
}
