// Menus are <details>: they open without us. Here they close again, answer to arrows, and stay in sight.

import { on } from "./dom";

const ITEMS = ".menu-item:not([disabled])";

function close(menu: HTMLDetailsElement, refocus = false): void {
  if (!menu.open) return;
  menu.open = false;
  if (refocus) menu.querySelector("summary")?.focus();
}

function opened(): HTMLDetailsElement[] {
  return [...document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")];
}

/** A list in a place that scrolls would be cut off: it goes to the top layer, beside its button. */
function place(menu: HTMLDetailsElement): void {
  const list = menu.querySelector<HTMLElement>(".menu-list");
  const button = menu.querySelector("summary");
  if (!list || !button || !("showPopover" in list)) return;
  list.classList.add("is-fixed");
  list.popover = "manual";
  if (!list.matches(":popover-open")) list.showPopover();
  const box = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  const left = box.left < innerWidth / 2 ? box.left : box.right - width;
  const below = box.bottom + 4 + height <= innerHeight - 8 || box.top < height;
  // Set by script, a place is no inline style to the policy.
  list.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  list.style.top = `${below ? Math.max(8, Math.min(box.bottom + 4, innerHeight - height - 8)) : box.top - height - 4}px`;
}

export function start(): void {
  document.addEventListener(
    "toggle",
    (event) => {
      const menu = event.target;
      if (!(menu instanceof HTMLDetailsElement) || !menu.matches("[data-menu]")) return;
      if (!menu.open) {
        const list = menu.querySelector<HTMLElement>(".menu-list:popover-open");
        list?.hidePopover();
        return;
      }
      for (const other of opened()) if (other !== menu) close(other);
      place(menu);
    },
    true,
  );
  document.addEventListener("pointerdown", (event) => {
    for (const menu of opened()) if (!(event.target instanceof Node && menu.contains(event.target))) close(menu);
  });
  // Its button moves with the page, and so does the list.
  addEventListener("scroll", (event) => {
    for (const menu of opened()) if (event.target instanceof Node && event.target.contains(menu)) place(menu);
  }, { capture: true, passive: true });
  on("click", "details[data-menu] a.menu-item", (_, item) => {
    const menu = item.closest("details");
    if (menu) close(menu);
  });
  on("keydown", "details[data-menu]", (event, menu) => {
    const details = menu as HTMLDetailsElement;
    const items = [...details.querySelectorAll<HTMLElement>(ITEMS)];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const go = (index: number): void => {
      event.preventDefault();
      event.stopPropagation();
      items.at(index % Math.max(items.length, 1))?.focus();
    };
    if (event.key === "Escape" && details.open) {
      event.preventDefault();
      event.stopPropagation();
      close(details, true);
    } else if (event.key === "ArrowDown") {
      if (!details.open) details.open = true;
      go(at + 1);
    } else if (event.key === "ArrowUp" && details.open) go(at <= 0 ? -1 : at - 1);
    else if (event.key === "Home" && details.open) go(0);
    else if (event.key === "End" && details.open) go(-1);
  });
}
