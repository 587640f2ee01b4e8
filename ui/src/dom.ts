// A few words that all modules use.

export function each<T extends Element>(root: ParentNode, selector: string, act: (found: T) => void): void {
  root.querySelectorAll<T>(selector).forEach(act);
}

/** Listens to all of this selector, now and later. In the capture phase, so that it is heard before htmx. */
export function on<K extends keyof DocumentEventMap>(
  type: K,
  selector: string,
  act: (event: DocumentEventMap[K], found: HTMLElement) => void,
): void {
  document.addEventListener(
    type,
    (event) => {
      const found = event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null;
      if (found) act(event, found);
    },
    true,
  );
}

/** A click that the browser itself has plans for: a new tab, a download. */
export function plainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select"))
  );
}

/** Runs on the page and on whatever is swapped in later. It may meet an element twice. */
export function onContent(act: (root: ParentNode) => void): void {
  act(document);
  document.addEventListener("htmx:after:process", (event) => {
    if (event.target instanceof Element) act(event.target.parentElement ?? event.target);
  });
}

/** Lower case and without accents, as people search. */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Says it to those who listen. The same words twice are said twice. */
export function announce(text: string): void {
  const status = document.getElementById("status");
  if (!status) return;
  status.textContent = "";
  setTimeout(() => (status.textContent = text), 50);
}

/** Puts values in the place of `{names}`. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
