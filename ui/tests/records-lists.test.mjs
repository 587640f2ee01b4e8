// Lists of records: filtered, sorted, paged, found; and seen on a phone, on paper and by everybody.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, accessible, member, world } from "./support.mjs";

const [one, two] = world.tenants;
const rows = (page) => page.locator("tbody tr");

test("a filter is in the address, and going back takes it off", async () => {
  const { page, origin, done } = await member("member");
  await page.goto(`${origin}/leads/`);
  const all = await rows(page).count();
  await page.locator("#filter-status").selectOption("NEW");
  await page.waitForURL(/status=NEW/);
  const some = await rows(page).count();
  assert.ok(some > 0 && some < all, `${some} of ${all}`);
  for (const badge of await page.locator("tbody .badge").allInnerTexts()) assert.equal(badge, "Novo");
  await page.goBack();
  await page.waitForURL((url) => !url.search.includes("status="));
  await page.waitForFunction((n) => document.querySelectorAll("tbody tr").length === n, all);
  await page.goForward();
  await page.waitForURL(/status=NEW/);
  await page.locator(".chip").first().click();
  await page.waitForURL((url) => !url.search.includes("status="));
  await done();
});

test("a filter that is none is told, and the list still stands", async () => {
  const { page, origin, done } = await member("member", two);
  const answer = await page.goto(`${origin}/opportunities/list/?amount_min=abc&stage=PROPOSAL`);
  assert.equal(answer.status(), 400);
  assert.match(await page.locator("#main").innerText(), /Um filtro não foi entendido/);
  assert.ok((await rows(page).count()) > 0);
  await page.goto(`${origin}/opportunities/list/?amount_min=1.000,00`);
  for (const text of await page.locator("td.numeric").allInnerTexts()) {
    const cents = Number(text.replace(/\D/g, ""));
    assert.ok(cents >= 100_000, text);
  }
  await done();
});

test("nothing that fits says what to do next", async () => {
  const { page, origin, done } = await member("member");
  await page.goto(`${origin}/customers/?q=zzzzzzzz`);
  assert.match(await page.locator(".empty").innerText(), /Nada combina/);
  await page.locator(".empty").getByRole("link", { name: "Limpar filtros" }).click();
  await page.waitForURL(`${origin}/customers/`);
  await done();
});

test("a list is sorted by its heads, both ways", async () => {
  const { page, origin, done } = await member("member");
  await page.goto(`${origin}/opportunities/list/`);
  const amounts = async () =>
    (await page.locator('td[data-label="Valor"]').allInnerTexts()).map((text) => Number(text.replace(/\D/g, "")));
  const head = page.getByRole("columnheader", { name: /Valor/ }).getByRole("link");
  await head.click();
  await page.waitForURL(/sort=amount/);
  const up = await amounts();
  assert.deepEqual(up, [...up].sort((a, b) => a - b));
  await page.getByRole("columnheader", { name: /Valor/ }).getByRole("link").click();
  await page.waitForURL(/sort=-amount/);
  const down = await amounts();
  assert.deepEqual(down, [...down].sort((a, b) => b - a));
  assert.ok(down[0] > up[0]);
  await done();
});

test("each record stands on one page only, to the last one", async () => {
  const { page, origin, done } = await member("member");
  await page.goto(`${origin}/activities/?sort=-id`);
  const all = Number((await page.locator(".pager .number").innerText()).replace(/.*de /, "").replace(/\D/g, ""));
  assert.ok(all > 100, `${all}`);
  const seen = new Set();
  for (;;) {
    for (const id of await rows(page).evaluateAll((list) => list.map((row) => row.id))) {
      assert.ok(!seen.has(id), `${id} twice`);
      seen.add(id);
    }
    const next = page.getByRole("link", { name: "Próxima" });
    if (!(await next.count())) break;
    const before = page.url();
    await next.click();
    await page.waitForURL((url) => url.href !== before);
    await page.locator("#records").waitFor();
  }
  assert.equal(seen.size, all);
  await page.getByRole("link", { name: "Primeira página" }).click();
  await page.waitForURL((url) => !url.search.includes("cursor"));
  await done();
});

test("a row's menu acts, and stays on the list", async () => {
  const { page, origin, done } = await member("manager");
  await page.goto(`${origin}/leads/?status=NEW`);
  const row = rows(page).first();
  const name = (await row.locator(".row-link").innerText()).split("\n")[0];
  await row.locator("summary").click();
  await row.getByRole("button", { name: "Qualificar" }).click();
  await page.locator(".toast").waitFor();
  assert.match(page.url(), /\/leads\/\?status=NEW$/);
  await page.goto(`${origin}/leads/?status=QUALIFIED&q=${encodeURIComponent(name)}`);
  assert.ok((await rows(page).count()) >= 1);
  await done();
});

test("a search finds without accents, by any part, in all kinds", async () => {
  const { page, origin, done } = await member("manager");
  const name = `Armazém São Conceição ${Date.now()}`;
  await page.goto(`${origin}/customers/new/`);
  await page.locator("#f-name").fill(name);
  await page.locator("#f-email").fill(`armazem.${Date.now()}@example.com`);
  await page.locator("#f-phone").fill("(31) 99876-5432");
  await page.locator("#record-form .button-primary").click();
  await page.waitForURL(/\/customers\/\d+\/$/);
  for (const q of ["armazem sao conceicao", "ARMAZÉM", "mazem", "31998765432", "99876-5432"]) {
    await page.goto(`${origin}/search/?q=${encodeURIComponent(q)}`);
    assert.ok((await page.getByRole("link", { name }).count()) > 0, q);
    await page.goto(`${origin}/customers/?q=${encodeURIComponent(q)}`);
    assert.ok((await page.getByRole("link", { name }).count()) > 0, q);
  }
  // The palette asks the same.
  await page.keyboard.press("Control+k");
  await page.locator("#palette-input").fill("mazem sao");
  await page.locator(".palette-item", { hasText: name }).first().click();
  await page.waitForURL(/\/customers\/\d+\/$/);
  assert.equal(await page.locator("h1").innerText(), name);
  await done();
});

test("at 1280 pixels a row's menu is in sight, without scrolling sideways", async () => {
  const { page, origin, done } = await member("manager");
  for (const path of ["/customers/", "/leads/", "/opportunities/list/", "/activities/", "/goals/"]) {
    await page.goto(`${origin}${path}`);
    const table = await page.locator(".table-scroll").evaluate((element) => element.scrollWidth - element.clientWidth);
    assert.ok(table <= 0, `${path}: ${table} pixels are out of sight`);
  }
  // Where it is narrower still, the menu stays at the edge.
  await page.setViewportSize({ width: 1000, height: 800 });
  await page.goto(`${origin}/leads/`);
  const menu = await rows(page).first().locator("summary").boundingBox();
  assert.ok(menu.x + menu.width <= 1000, JSON.stringify(menu));
  await rows(page).first().locator("summary").click();
  await page.locator(".menu-list:popover-open").waitFor();
  await done();
});

test("an act that is not open to a record says why not", async () => {
  const { page, origin, done } = await member("manager");
  await page.goto(`${origin}/leads/?status=DISQUALIFIED`);
  const lead = await rows(page).first().locator(".row-link").getAttribute("href");
  const answer = await page.goto(`${origin}${lead}convert/`);
  assert.equal(answer.status(), 409);
  await page.getByText("Não é possível agora. Situação: Descartado.").waitFor();
  assert.equal(await page.locator("main form").count(), 0);
  await accessible(page, "an act that is not open");
  await page.locator("main").getByRole("link", { name: /^Voltar para/ }).click();
  await page.waitForURL(`${origin}${lead}`);
  await done();
});

test("goals have their board and their list, each beside the other", async () => {
  const { page, origin, done } = await member("owner");
  await page.goto(`${origin}/goals/`);
  await page.locator(".tab", { hasText: "Quadro" }).click();
  await page.waitForURL(/\/goals\/board\/$/);
  await page.locator(".tab", { hasText: "Lista" }).click();
  await page.waitForURL(`${origin}/goals/`);
  await page.goto(`${origin}/leads/`);
  await page.locator(".tab", { hasText: "Quadro" }).click();
  await page.waitForURL(/\/leads\/board\/$/);
  await done();
});

test("on a phone a row is a card, and nothing is cut off", async () => {
  const { page, origin, done } = await member("manager", one, { viewport: PHONE });
  for (const path of ["/customers/", "/leads/", "/opportunities/list/", "/activities/", "/goals/", "/changes/", "/bin/", "/customers/new/", "/search/?q=a"]) {
    await page.goto(`${origin}${path}`);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${path}: ${over} pixels beyond the edge`);
  }
  await page.goto(`${origin}/customers/`);
  const row = rows(page).first();
  assert.equal(await row.evaluate((element) => getComputedStyle(element).display), "block");
  assert.equal(await page.locator("thead").isVisible(), false);
  await row.locator(".row-link").click();
  await page.waitForURL(/\/customers\/\d+\/$/);
  await done();
});

test("on paper a record fits one sheet, without what is to be clicked", async () => {
  const { page, origin, done } = await member("manager");
  for (const path of ["/customers/", "/leads/", "/opportunities/list/"]) {
    await page.emulateMedia({ media: "screen" });
    await page.goto(`${origin}${path}`);
    await rows(page).first().locator(".row-link").click();
    await page.waitForURL(/\/[a-z]+\/\d+\/$/);
    await page.emulateMedia({ media: "print" });
    for (const hidden of ["#side", ".top", ".page-actions", ".timeline-head form"]) {
      assert.equal(await page.locator(hidden).first().isVisible(), false, hidden);
    }
    assert.equal(await page.locator("main").locator("button:visible, input:visible, textarea:visible, a.button:visible").count(), 0, path);
    assert.ok(await page.locator("h1").isVisible() && await page.locator(".fact").first().isVisible());
    // No card is left of which all was to be clicked.
    for (const text of await page.locator("main .card:visible > .card-body").allInnerTexts()) assert.notEqual(text.trim(), "", path);
    const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
    const pages = Number(/\/Type\s*\/Pages[^>]*\/Count\s+(\d+)/.exec(pdf)?.[1] ?? /\/Count\s+(\d+)/.exec(pdf)?.[1]);
    assert.equal(pages, 1, path);
  }
  await done();
});

for (const language of ["pt-BR", "en"])
  for (const dark of [false, true])
    for (const viewport of [undefined, PHONE])
      test(`accessible: ${language}, ${dark ? "dark" : "light"}, ${viewport ? "phone" : "desktop"}`, async () => {
        const { page, origin, done } = await member("owner", one, { language, dark, viewport });
        const paths = [
          "/customers/", "/leads/?status=NEW", "/opportunities/list/?amount_min=abc", "/activities/", "/goals/",
          "/customers/new/", "/leads/new/", "/opportunities/new/", "/activities/new/", "/goals/new/",
          "/customers/1/", "/leads/1/", "/opportunities/1/", "/activities/1/", "/goals/1/",
          "/customers/1/edit/", "/customers/1/field/email/", "/changes/", "/bin/", "/search/?q=a", "/search/?q=zzzz",
        ];
        for (const path of paths) {
          await page.goto(`${origin}${path}`);
          await accessible(page, `${path} (${language})`);
        }
        await done();
      });
