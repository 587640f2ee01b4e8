// What a quote comes to, while it is written. What counts is what the server rounds.

import { on } from "./dom";

/** A number as it is typed in the page's language; NaN for none. */
function number(text: string): number {
  const bare = text.replace(/[^\d.,-]/g, "");
  if (!bare) return NaN;
  const comma = bare.lastIndexOf(",") > bare.lastIndexOf(".") || (document.documentElement.lang !== "en" && !bare.includes("."));
  return Number(comma ? bare.replace(/\./g, "").replace(",", ".") : bare.replace(/,/g, ""));
}

function sum(form: HTMLElement): void {
  const output = form.querySelector<HTMLOutputElement>("[data-quote-total]");
  if (!output) return;
  let cents = 0;
  for (const line of form.querySelectorAll<HTMLElement>("[data-quote-line]")) {
    const of = (part: string): number => number(line.querySelector<HTMLInputElement>(`[name$=".${part}"]`)?.value ?? "");
    const [quantity, price, discount] = [of("quantity"), of("price"), of("discount") || 0];
    if (!Number.isNaN(quantity) && !Number.isNaN(price)) cents += Math.round(quantity * price * (100 - discount));
  }
  output.value = (cents / 100).toLocaleString(document.documentElement.lang, { style: "currency", currency: "BRL" });
}

export function start(): void {
  on("input", "form[data-quote]", (_, form) => sum(form));
}
