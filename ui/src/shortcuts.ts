// Keys for those who know them: `data-key="c"` in the page, and `g l`, one after the other, of the palette. Never while typing, never
// over an open dialog.

import { isTyping } from "./dom";
import { byKeys } from "./palette";

const PATIENCE = 1_200;

function visible(element: HTMLElement): boolean {
  return element.checkVisibility?.() ?? true;
}

function activate(element: HTMLElement): void {
  if (element.matches("input, select, textarea")) element.focus();
  else element.click();
}

export function start(): void {
  let pressed: string[] = [];
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.length !== 1 || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.timeStamp - last > PATIENCE) pressed = [];
    last = event.timeStamp;
    if (event.key === "?") {
      document.querySelector<HTMLDialogElement>("dialog#shortcuts")?.showModal();
      return;
    }
    pressed = [...pressed.slice(-1), event.key.toLowerCase()];
    // Two keys are the palette's: places, and what can be made. `n c` is no `c`, so they come first.
    if (pressed.length === 2 && byKeys(pressed.join(" "))) {
      event.preventDefault();
      pressed = [];
      return;
    }
    const all = [...document.querySelectorAll<HTMLElement>(`[data-key="${CSS.escape(pressed.at(-1) ?? "")}"]`)];
    const found = all.find(visible) ?? all.find((element) => element.matches("a[href]"));
    if (found) {
      event.preventDefault();
      pressed = [];
      activate(found);
    }
  });
}
