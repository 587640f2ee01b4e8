// Ticks all rows of a list at once, and takes the ticks away again. Without scripts they are ticked one by one.

import { on } from "./dom";

function show(): void {
  for (const label of document.querySelectorAll<HTMLElement>("[data-select-all]")) label.hidden = false;
}

export function start(): void {
  show();
  document.addEventListener("htmx:after:swap", show);
  on("change", "[data-select-all] input", (_, box) => {
    const checked = box instanceof HTMLInputElement && box.checked;
    for (const row of document.querySelectorAll<HTMLInputElement>("#records .row-check")) row.checked = checked;
  });
}
