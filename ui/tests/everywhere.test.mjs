// What every page has around it: the palette, the keys, and a phone's way to each place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DESKTOP, PHONE, accessible, admin, member, visitor } from "./support.mjs";

test("the palette goes to every place of the navigation", async () => {
  const { page, origin, done } = await member("owner");
  await page.goto(`${origin}/today/`);
  const places = await page.locator("#side .nav-link").evaluateAll((links) => links.map((link) => link.textContent.trim()));
  await page.keyboard.press("Control+k");
  await page.locator("#palette[open]").waitFor();
  const offered = await page.locator("#palette-list").innerText();
  for (const place of places) assert.ok(offered.includes(place), `${place} in ${offered}`);
  await page.keyboard.type("indicad");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/metrics\/$/);
  await done();
});

test("keys make a record, and are told", async () => {
  const { page, origin, done } = await member("owner");
  await page.goto(`${origin}/today/`);
  await page.keyboard.press("n");
  await page.keyboard.press("c");
  await page.waitForURL(/\/customers\/new\/$/);
  await page.goto(`${origin}/today/`);
  await page.keyboard.press("?");
  const told = await page.locator("#shortcuts[open]").innerText();
  for (const word of ["Novo cliente", "Editar o registro aberto"]) assert.ok(told.includes(word), told);
  await page.goto(`${origin}/opportunities/`);
  await page.keyboard.press("?");
  assert.match(await page.locator("#shortcuts[open]").innerText(), /Pegar e soltar um cartão/);
  await done();
});

for (const [screen, viewport] of [["a desk", DESKTOP], ["a phone", PHONE]]) {
  test(`on ${screen} a page with tabs opens at its top, with the current one in sight`, async () => {
    const { tenant, ...portal } = await member("owner", undefined, { viewport });
    const console_ = await admin({ viewport });
    for (const [{ page, origin }, path, last] of [
      [portal, "/opportunities/", "/opportunities/"],
      [console_, `/platform/tenants/${tenant.id}/`, `/platform/tenants/${tenant.id}/state/`],
    ]) {
      await page.goto(origin + path);
      await page.waitForTimeout(300);
      assert.equal(await page.evaluate(() => scrollY), 0, path);
      await page.goto(origin + last);
      await page.waitForTimeout(300);
      const [x, right, width] = await page.locator(".tabs > [aria-current]").evaluate((tab) => {
        const { x, right } = tab.getBoundingClientRect();
        return [x, right, innerWidth];
      });
      assert.ok(x >= 0 && right <= width, `${last}: from ${x} to ${right} of ${width}`);
      assert.equal(await page.evaluate(() => scrollY), 0, last);
    }
    await portal.done();
    await console_.done();
  });
}

for (const [face, visit, start, label, end] of [
  ["the portal", () => member("owner", undefined, { viewport: PHONE }), "/today/", "Lixeira", /\/bin\/$/],
  ["the console", () => admin({ viewport: PHONE }), "/platform/", "Ajustes", /\/platform\/settings\/$/],
]) {
  test(`a phone reaches every place of ${face}`, async () => {
    const { page, origin, done } = await visit();
    await page.goto(`${origin}${start}`);
    await page.locator("#bottom-more").click();
    // No word of the bar runs into its neighbour's.
    for (const [width, needed] of await page.locator("#bottom > * ").evaluateAll((all) => all.map((one) => [one.clientWidth, one.scrollWidth]))) {
      assert.ok(needed <= width, `${needed} of ${width} pixels`);
    }
    const list = page.locator(".bottom-more .menu-list");
    await list.waitFor();
    const places = await page.locator("#side .nav-link").evaluateAll((links) => links.map((link) => link.textContent.trim()));
    const offered = await page.locator("#bottom").innerText();
    for (const place of places) assert.ok(offered.includes(place), `${place} in ${offered}`);
    for (const box of await list.locator("a").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()))) {
      assert.ok(box.height >= 44, `${box.height} px high`);
      assert.ok(box.top >= 0 && box.bottom <= PHONE.height && box.right <= PHONE.width, JSON.stringify(box));
    }
    await accessible(page, `${face}, with its places open`);
    await list.getByRole("link", { name: label }).click();
    await page.waitForURL(end);
    assert.equal(await page.locator("#bottom-more").getAttribute("aria-current"), "true");
    await done();
  });
}

test("what is not there, and what is not allowed, is told within the navigation", async () => {
  const { page, origin, done } = await member("member");
  for (const path of ["/nada/aqui/", "/customers/999999999/"]) {
    assert.equal((await page.goto(`${origin}${path}`)).status(), 404, path);
    await page.locator("#side .nav-link").first().waitFor();
    await page.getByRole("heading", { name: "Página não encontrada" }).waitFor();
    await page.getByText("foi para a lixeira").waitFor();
    await accessible(page, path);
  }
  assert.equal((await page.goto(`${origin}/settings/audit/`)).status(), 403);
  await page.locator("#side .nav-link").first().waitFor();
  await done();
  const boss = await admin();
  for (const path of ["/platform/nada/", "/platform/tenants/999999999/"]) {
    assert.equal((await boss.page.goto(`${boss.origin}${path}`)).status(), 404, path);
    await boss.page.locator("#side .nav-link").first().waitFor();
    await boss.page.getByText("Não há nada neste endereço.").waitFor();
  }
  await boss.done();
  // Who is not signed in sees no navigation.
  const stranger = await visitor();
  assert.equal((await stranger.page.goto(`${origin}/nada/aqui/`)).status(), 404);
  assert.equal(await stranger.page.locator("#side").count(), 0);
  await stranger.done();
});
