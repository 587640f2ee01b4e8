// Boosted navigation.
//
// `<body hx-boost:inherited='{...}'>` (kit/document.rs) takes over every link and form of our own. htmx 4
// inherits an attribute only when it says `:inherited`, and lets the value of hx-boost win over
// hx-target and hx-select of the same element: what has a target of its own uses hx-get or hx-post, which
// is never boosted. `hx-boost="false"` opts out.
//
// - The request is for a whole page (`HX-Request-Type: full`), and the page is the same as without
//   scripts. Of the answer, #main takes the place of #main, #side and #bottom that of theirs, and the title
//   that of the title. Dialogs, toasts, live regions stay.
// - Answers of 400 and more are swapped in too (htmx 4 does by itself), but the address stays: it is a
//   form's that was refused, and a reload would ask for something else.
// - A page without #side is not of this shell: the session is over, or another face begins. The browser goes
//   there itself; what was typed is kept by drafts.ts before. Only when a form was refused by such a page (an
//   error) is its #main shown here, for a form can't be asked for again.
// - Back and forward ask anew and swap the whole body; the browser keeps the scroll position.
// - The page begins at its top when the path changes, and stays where it is when only the query does.
// - The focus stays on what it was on when that is still there (by id); else it goes to #main.
//
// Nothing needs `eval`: no hx-on, no `js:` values, no filters in hx-trigger, no `hx-vals` that compute.

import { announce } from "./dom";
import { show } from "./toast";

/** The part of htmx's context that is used here. */
interface Context {
  sourceElement: Element;
  /** Not there when live.ts swaps by itself. */
  request?: { action: string; method: string; headers: Record<string, string> };
  response?: { raw: Response; status: number };
  select?: string;
  text?: string;
  target?: Element | string;
}

function contextOf(event: Event): Context | undefined {
  return (event as CustomEvent).detail?.ctx;
}

/** It is a whole page, and stands in this frame. */
export const isFramed = (text: string): boolean => text.includes('id="side"');

const script = (): string | undefined => document.querySelector<HTMLScriptElement>("head script[src]")?.src;

/** A new version is served: its pages want its own script and style. */
function isOfAnotherVersion(text: string): boolean {
  const source = /<script src="([^"]+)"/.exec(text)?.[1];
  return source !== undefined && new URL(source, location.href).href !== script();
}

function restored(ctx: Context): boolean {
  return "HX-History-Restore-Request" in (ctx.request?.headers ?? {});
}

/** Goes there without us. drafts.ts keeps what was typed, and asks nothing. */
export function leave(url: string): void {
  document.dispatchEvent(new CustomEvent("sindico:leave"));
  if (url === location.href) location.reload();
  else location.assign(url);
}

export function start(): void {
  document.addEventListener("htmx:after:request", (event) => {
    const ctx = contextOf(event);
    const response = ctx?.response?.raw;
    if (!ctx || !response || ctx.text === undefined) return;
    if (!ctx.response?.raw.headers.get("content-type")?.includes("html") && ctx.text !== "") {
      // An answer for machines, as of a proxy or the API: not a text for people.
      event.preventDefault();
      show(unreachable(), "danger");
      return;
    }
    const whole = ctx.select === "#main" || restored(ctx);
    const elsewhere = /<html[\s>]/i.test(ctx.text) && !isFramed(ctx.text);
    const read = ctx.request?.method === "GET" || response.redirected;
    if (read && (elsewhere || (whole && isOfAnotherVersion(ctx.text)))) {
      event.preventDefault();
      leave(restored(ctx) ? location.href : response.url);
    } else if (whole && !ctx.text.includes('id="main"')) {
      event.preventDefault();
      show(unreachable(), "danger");
    }
  });

  document.addEventListener("htmx:before:history:update", (event) => {
    const { response } = (event as CustomEvent).detail;
    if (response && response.status >= 400) event.preventDefault();
  });

  let path = location.pathname;
  document.addEventListener("htmx:after:swap", (event) => {
    const ctx = contextOf(event);
    if (!ctx || !(ctx.select === "#main" || restored(ctx))) return;
    // htmx sets the title after this event.
    queueMicrotask(() => announce(document.title));
    if (location.pathname !== path && !location.hash && !restored(ctx)) scrollTo(0, 0);
    path = location.pathname;
    if (document.activeElement === document.body || !document.activeElement) {
      document.getElementById("main")?.focus({ preventScroll: true });
    }
  });

  document.addEventListener("htmx:error", (event) => {
    const { ctx } = (event as CustomEvent).detail;
    if (ctx) show(unreachable(), "danger");
  });
}

export function unreachable(): string {
  return document.getElementById("toasts")?.dataset.unreachable ?? "";
}
