// The token that shows that a request comes from a page of ours: on every request of htmx that changes
// something, and on our own.

const HEADER = "X-CSRF-Token";

function token(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** `fetch`, to our own server alone, with the token. */
export function ask(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (init.method && init.method !== "GET") headers.set(HEADER, token());
  return fetch(url, { ...init, headers, mode: "same-origin", credentials: "same-origin" });
}

/** Posts a form, and keeps where the answer came from in `response.url`. */
export function post(url: string, values: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams(values);
  return ask(url, { method: "POST", body, headers: { Accept: "text/html", "HX-Request": "true" } });
}

export function start(): void {
  document.addEventListener("htmx:config:request", (event) => {
    const { request } = (event as CustomEvent).detail.ctx;
    if (request.method !== "GET") request.headers[HEADER] = token();
  });
}
