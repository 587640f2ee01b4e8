// Every page of work in both languages, themes and sizes: no violation that axe-core finds, nothing cut off, no
// word of the program in sight.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, accessible, member, world } from "./support.mjs";

const PAGES = [
  "/today/",
  "/opportunities/",
  "/leads/board/",
  "/activities/calendar/?who=all",
  "/activities/calendar/?who=all&view=week",
  "/activities/log/?q=a",
  "/metrics/?period=all",
  "/forecast/",
  "/goals/board/",
  "/sample-data/",
  "/search/?q=buffet",
];
// Words of the contract, and dates as machines write them.
const RAW = /\b(DISCOVERY|PROPOSAL|NEGOTIATION|QUALIFIED|DISQUALIFIED|CONVERTED|FOLLOW_UP|URGENT|PENDING|\d{4}-\d\d-\d\d)\b/;

for (const language of ["pt-BR", "en"])
  for (const dark of [false, true])
    for (const viewport of [undefined, PHONE])
      test(`${language}, ${dark ? "dark" : "light"}, ${viewport ? "phone" : "desktop"}`, async () => {
        const { page, origin, done } = await member("owner", world.tenants[0], { language, dark, viewport });
        for (const path of PAGES) {
          const answer = await page.goto(`${origin}${path}`);
          assert.equal(answer.status(), 200, path);
          await accessible(page, path);
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(over <= 0, `${path}: ${over} px too wide`);
          assert.doesNotMatch(await page.locator("main").innerText(), RAW, path);
          assert.equal(await page.locator("h1").count(), 1, `${path}: one heading`);
        }
        await page.goto(`${origin}/opportunities/`);
        await page.evaluate(() => document.getElementById("gate-lost").showModal());
        await accessible(page, "the dialog of a loss");
        await page.goto(`${origin}/today/`);
        await page.evaluate(() => document.getElementById("log-call").showModal());
        await accessible(page, "the dialog of a call");
        await done();
      });
