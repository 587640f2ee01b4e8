// What all journeys share: a browser, sign-in, and the promises that hold on every page: nothing comes
// from another site, nothing is refused by the content security policy, no script fails.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after } from "node:test";
import { chromium } from "playwright-core";

export const world = JSON.parse(process.env.SINDICO_WORLD ?? "null");
if (!world) throw new Error("these run by `cargo test`: they need a server (SINDICO_WORLD)");

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

const executablePath = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path && existsSync(path));
if (!executablePath) throw new Error("no Chromium: ./test installs it; or set CHROMIUM to its path");

export const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
after(() => browser.close());

/** A new browser profile with one page, watched for what must never happen. */
export async function visitor({
  viewport = DESKTOP,
  dark = false,
  language = "pt-BR",
  javaScript = true,
} = {}) {
  const context = await browser.newContext({
    viewport,
    colorScheme: dark ? "dark" : "light",
    locale: language,
    timezoneId: "America/Sao_Paulo",
    javaScriptEnabled: javaScript,
    reducedMotion: "reduce",
    hasTouch: viewport.width < 600,
    isMobile: viewport.width < 600,
  });
  // Long enough for a machine that is busy: what is missing does not come later either.
  context.setDefaultTimeout(30_000);
  const faults = [];
  const watch = (page) => {
    page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
    page.on("console", (message) => {
      // Answers that refuse are a part of some journeys, and told by their status.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        faults.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith("http") && !url.hostname.endsWith("localhost"))
        faults.push(`another site: ${url}`);
    });
    page.on("dialog", (dialog) => {
      if (dialog.type() === "alert") faults.push(`alert: ${dialog.message()}`);
      if (dialog.type() !== "beforeunload") dialog.dismiss();
      else dialog.accept();
    });
  };
  context.on("page", watch);
  const page = await context.newPage();
  const done = async () => {
    await context.close();
    assert.deepEqual(faults, [], "nothing that must never happen happened");
  };
  return { context, page, faults, done };
}

/** Signs in by hand, on the host of a face. */
export async function signIn(page, origin, username, password = world.password) {
  await page.goto(`${origin}/sign-in/`);
  await page.locator("#username").fill(username);
  await page.locator("#password").fill(password);
  await page.locator('form[action="/sign-in/"] button[type="submit"]').click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in/"));
}

/** A signed-in member of a tenant. */
export async function member(role = "owner", tenant = world.tenants[0], options = {}) {
  const visit = await visitor(options);
  await signIn(visit.page, tenant.origin, tenant.people[role]);
  return { ...visit, origin: tenant.origin, tenant };
}

/** A signed-in platform administrator. */
export async function admin(options = {}, username = "console.admin") {
  const visit = await visitor(options);
  await signIn(visit.page, world.console, username);
  return { ...visit, origin: world.console };
}

/** A call of the API in the page's own session. */
export function api(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const token = document.querySelector('meta[name="csrf-token"]').content;
      const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
      const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
      return { status: answer.status, json: await answer.json().catch(() => null) };
    },
    [method, path, body],
  );
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Rows, cards and entries of one list are made by one function: the first ones stand for all, and a page of fifty rows
// does not take ten times as long as one of five.
const ALIKE = [["tbody tr:nth-child(n+6)"], [".board-cards > .board-card:nth-child(n+4)"], [".timeline > :nth-child(n+6)"]];

/** No violation of WCAG 2.2 A and AA that axe-core finds. */
export async function accessible(page, what) {
  // Injected over the debugger, where the page's own policy does not apply.
  await page.evaluate(axeSource);
  // What stays at an edge covers whatever has been scrolled under it, which is no fault of the page.
  const place = (position) =>
    page.evaluate(
      (position) => document.querySelectorAll(".top, .bottom, .toasts").forEach((bar) => (bar.style.position = position)),
      position,
    );
  await place("static");
  const result = await page.evaluate((exclude) =>
    globalThis.axe.run({ exclude }, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      // What is well is not described at length, once for each element.
      resultTypes: ["violations"],
    }),
    ALIKE,
  );
  await place("");
  const found = result.violations.map(
    (v) => `${v.id}: ${v.help}\n    ${v.nodes.map((n) => `${n.html}\n    ${n.failureSummary}`).slice(0, 3).join("\n    ")}`,
  );
  assert.deepEqual(found, [], `${what}: axe-core found violations`);
}
