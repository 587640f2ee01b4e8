// Filters made condition by condition, views that are kept, and many records changed at once: by hand and by keyboard,
// with scripts and without, in both languages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, accessible, member, world } from "./support.mjs";

const [, two] = world.tenants;
const rows = (page) => page.locator("#records tbody tr");

/** From the list to a condition on this field. */
async function condition(page, field) {
  await page.getByRole("link", { name: "Filtro e colunas" }).click();
  await page.waitForURL(/adjust/);
  await page.locator("#f-new").selectOption({ label: field });
  await page.getByRole("button", { name: "Adicionar" }).click();
  await page.locator("fieldset.rows-row legend", { hasText: field }).first().waitFor();
}

test("a condition narrows the list, stands above it, and goes", async () => {
  const { page, origin, done } = await member("manager");
  await page.goto(`${origin}/leads/`);
  const all = await page.locator(".pager .number").innerText();
  await condition(page, "Pontuação");
  await page.locator('[name="f.0.op"]').selectOption("gte");
  await page.locator('[name="f.0.value"]').fill("50");
  await accessible(page, "adjust");
  await page.getByRole("button", { name: "Mostrar" }).last().click();
  await page.waitForURL(/filter=/);
  assert.notEqual(await page.locator(".pager .number").innerText(), all);
  const scores = await page.locator('td[data-label="Pontuação"]').allInnerTexts();
  assert.ok(scores.length > 0 && scores.every((text) => Number(text) >= 50), scores.join());
  await accessible(page, "a narrowed list");
  await page.locator(".chip").first().click();
  await page.waitForFunction((text) => document.querySelector(".pager .number")?.textContent === text, all);
  await done();
});

test("a view is saved, chosen, changed, and saved again", async () => {
  const { page, origin, done } = await member("owner", two);
  await page.goto(`${origin}/leads/?status=NEW`);
  await page.getByRole("link", { name: "Salvar como visão" }).click();
  await page.locator("#f-name").fill("Novos da casa");
  await page.getByLabel("Toda a empresa").check();
  await accessible(page, "a new view");
  await page.getByRole("button", { name: "Salvar" }).click();
  await page.waitForURL(/view=\d+/);
  await page.locator(".view-bar summary", { hasText: "Novos da casa" }).waitFor();
  await page.getByRole("columnheader", { name: "Pontuação" }).getByRole("link").click();
  await page.locator(".view-bar .badge", { hasText: "alterada" }).waitFor();
  await page.getByRole("link", { name: "Salvar alterações" }).click();
  await page.getByText("Toda a empresa vê esta visão").waitFor();
  await page.getByRole("button", { name: "Salvar" }).click();
  await page.waitForURL(/view=\d+/);
  await page.locator('th[aria-sort="ascending"]', { hasText: "Pontuação" }).waitFor();
  assert.equal(await page.locator(".view-bar .badge").count(), 0);
  await page.goto(`${origin}/views/`);
  await accessible(page, "views");
  await page.getByRole("button", { name: "Excluir visão" }).first().click();
  await page.getByRole("button", { name: "Desfazer", exact: true }).first().click();
  await page.getByRole("link", { name: "Novos da casa" }).waitFor();
  await done();
});

for (const [how, options] of [["scripts", {}], ["no script", { javaScript: false }], ["a phone", { viewport: PHONE }]]) {
  test(`rows are ticked, looked at, changed and had back (${how})`, async () => {
    const { page, origin, done } = await member("owner", world.tenants[0], options);
    await page.goto(`${origin}/customers/`);
    if (how === "a phone") await accessible(page, "a list with boxes");
    const boxes = rows(page).locator(".row-check");
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    if (how === "scripts") {
      await page.getByLabel("Marcar esta página").check();
      assert.equal(await page.locator(".row-check:checked").count(), await boxes.count());
      await page.getByLabel("Marcar esta página").uncheck();
      await boxes.nth(0).check();
      await boxes.nth(1).check();
    }
    await page.getByRole("button", { name: "Alterar os selecionados" }).click();
    const tag = `lote-${how.replace(" ", "-")}`;
    await page.locator("#f-tags").fill(tag);
    if (how !== "no script") await accessible(page, "what to do");
    await page.getByRole("button", { name: "Pôr etiquetas" }).click();
    await page.getByText("O que vai mudar").first().waitFor();
    assert.match(await page.locator("#main").innerText(), /2 mudam/);
    if (how !== "no script") await accessible(page, "a preview");
    await page.getByRole("button", { name: "Alterar 2 registros" }).click();
    await page.waitForURL(`${origin}/customers/`);
    // What was done is told with its way back, by a toast or by a line of the page.
    if (how === "no script") {
      assert.match(await page.locator("body").innerText(), /Registros alterados/);
      await page.locator('noscript form button, .notice form[action*="/undo/"] button').first().click();
      await page.waitForURL(`${origin}/customers/`);
      assert.match(await page.locator("body").innerText(), /Desfeito/);
    } else {
      const toast = (text) => page.locator("#toasts .toast", { hasText: text });
      await toast("Registros alterados").getByRole("button", { name: "Desfazer" }).click();
      await toast("Desfeito").waitFor();
    }
    await page.goto(`${origin}/customers/?tags=${tag}`);
    assert.equal(await rows(page).count(), 0);
    await done();
  });
}
