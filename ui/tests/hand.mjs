// Requests as somebody makes them by hand: with the session of a browser, and not a word of our scripts.
import http from "node:http";

/** Sends a request with a browser's cookies; `{status, headers, text}`, redirects not followed. */
export async function send(context, url, { method = "GET", form, json, headers = {} } = {}) {
  const target = new URL(url);
  const cookies = await context.cookies(target.origin);
  const body = form !== undefined ? String(form) : json !== undefined ? JSON.stringify(json) : undefined;
  const kind = form !== undefined ? "application/x-www-form-urlencoded" : "application/json";
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        // Node.js knows no addresses of `*.localhost`, as browsers do.
        host: "127.0.0.1", port: target.port, method, path: target.pathname + target.search,
        headers: {
          host: target.host, origin: target.origin, accept: "text/html",
          cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; "),
          ...(body === undefined ? {} : { "content-type": kind, "content-length": Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString() }));
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** Posts a form by hand. */
export const post = (context, url, form) => send(context, url, { method: "POST", form });

/** The proof that a page of ours was seen. */
export const proof = (page) => page.locator('meta[name="csrf-token"]').getAttribute("content");
