// On a narrow screen a line of tabs scrolls sideways: the current one is brought into sight, and nothing moves but that
// line. (CSS's scroll-initial-target would move the page as well, and hide its heading.)

function show(): void {
  for (const tab of document.querySelectorAll<HTMLElement>(".tabs > .tab[aria-current]")) {
    const line = tab.parentElement as HTMLElement;
    line.scrollLeft = tab.offsetLeft - line.offsetLeft - (line.clientWidth - tab.offsetWidth) / 2;
  }
}

export function start(): void {
  show();
  document.addEventListener("htmx:after:swap", show);
}
