// The pictures of the README, taken from a running demonstration. See scripts/pictures.
import { existsSync, mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const { PASSWORD: password, PORT: port = "8000", OUT: out = "../docs/pictures", ONLY: only } = process.env;
const console_ = `http://localhost:${port}`;
const portal = `http://padaria.localhost:${port}`;
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

/** name, face, path, size, dark */
const PICTURES = [
  ["today", portal, "/today/", DESKTOP, false],
  ["board", portal, "/opportunities/", DESKTOP, false],
  ["board-dark", portal, "/opportunities/", DESKTOP, true],
  ["board-phone", portal, "/opportunities/", PHONE, false],
  ["customers", portal, "/customers/", DESKTOP, false],
  ["customer", portal, "/customers/1/", DESKTOP, false],
  ["customers-phone", portal, "/customers/", PHONE, true],
  ["metrics", portal, "/metrics/", DESKTOP, false],
  ["tenant", console_, "/platform/tenants/1/", DESKTOP, false],
  ["console", console_, "/platform/", DESKTOP, false],
  ["console-dark", console_, "/platform/", DESKTOP, true],
];

const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const cookies = new Map();

for (const [name, origin, path, viewport, dark] of PICTURES) {
  if (only && !only.split(",").includes(name)) continue;
  const phone = viewport === PHONE;
  const context = await browser.newContext({
    viewport,
    colorScheme: dark ? "dark" : "light",
    locale: process.env.LOCALE ?? "pt-BR",
    timezoneId: "America/Sao_Paulo",
    reducedMotion: "reduce",
    deviceScaleFactor: phone ? 2 : 1,
    hasTouch: phone,
    isMobile: phone,
  });
  const page = await context.newPage();
  if (cookies.has(origin)) await context.addCookies(cookies.get(origin));
  await page.goto(`${origin}/sign-in/?next=${encodeURIComponent(path)}`);
  if (!cookies.has(origin)) {
    await page.locator('[name="username"]').fill("admin");
    await page.locator('[name="password"]').fill(password);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => !url.pathname.startsWith("/sign-in/"));
    cookies.set(origin, await context.cookies());
  }
  const answer = await page.goto(origin + path);
  if (answer.status() !== 200) throw new Error(`${origin}${path}: ${answer.status()}`);
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${out}/${name}.png` });
  console.log(`${name}.png`);
  await context.close();
}
await browser.close();
