// What every page has around it: the palette, the keys, and a phone's way to each place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, accessible, admin, member } from "./support.mjs";

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

for (const [face, visit, start, label, end] of [
  ["the portal", () => member("owner", undefined, { viewport: PHONE }), "/today/", "Lixeira", /\/bin\/$/],
  ["the console", () => admin({ viewport: PHONE }), "/platform/", "Ajustes", /\/platform\/settings\/$/],
]) {
  test(`a phone reaches every place of ${face}`, async () => {
    const { page, origin, done } = await visit();
    await page.goto(`${origin}${start}`);
    await page.locator("#bottom-more").click();
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
