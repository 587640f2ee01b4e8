// Spreadsheets in and out: as somebody does it by hand, on the desk and on the phone,
// with scripts and without.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PHONE, accessible, member, world } from "./support.mjs";

const [, two] = world.tenants;
const file = (name, text) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

/** Uploads a file of customers by the page, and comes to what its columns are. */
async function upload(page, origin, sheet) {
  await page.goto(`${origin}/customers/`);
  await page.locator("summary", { hasText: "Ferramentas" }).click();
  await page.getByRole("menuitem", { name: "Importar" }).or(page.getByRole("link", { name: "Importar", exact: true })).first().click();
  await page.waitForURL(/imports\/new/);
  await page.locator('input[name="file"]').setInputFiles(sheet);
  await page.getByRole("button", { name: "Enviar" }).click();
  await page.waitForURL(/imports\/\d+\//);
}

/** Waits for a state, as somebody does who looks at the page. */
async function state(page, word) {
  for (let n = 0; n < 60; n += 1) {
    if (await page.locator(".main .badge", { hasText: word }).count()) return;
    await page.waitForTimeout(500);
    await page.reload();
  }
  assert.fail(`${word} did not come: ${await page.locator(".main").innerText()}`);
}

for (const [what, options] of [
  ["on the desk", {}],
  ["on a phone", { viewport: PHONE }],
  ["without scripts", { javaScript: false }],
]) {
  test(`a file comes in, is checked, written and taken back, ${what}`, async () => {
    const { page, origin, done } = await member("owner", two, options);
    const mark = `Importada ${what}`;
    const address = what.replaceAll(" ", "-");
    await upload(page, origin, file("clientes.csv", `Nome;E-mail;CNPJ\n${mark};${address}@folha.example;\nSem endereço;;\n`));
    if (options.javaScript !== false) await accessible(page, "what columns are");
    await page.getByRole("button", { name: "Conferir" }).first().click();
    await state(page, "Conferida");
    await page.getByText("Sem endereço").first().waitFor();
    if (options.javaScript !== false) await accessible(page, "verdicts");
    await page.getByRole("button", { name: "Gravar" }).first().click();
    await state(page, "Concluída");
    await page.goto(`${origin}/customers/?q=${encodeURIComponent(mark)}`);
    await page.getByRole("link", { name: mark }).first().waitFor();
    await page.goto(`${origin}/imports/`);
    if (options.javaScript !== false) await accessible(page, "imports");
    await page.getByRole("link", { name: "clientes.csv" }).first().click();
    await page.waitForURL(/imports\/\d+\//);
    await page.getByRole("button", { name: "Desfazer a importação" }).first().click();
    await state(page, "Desfeita");
    await page.goto(`${origin}/customers/?q=${encodeURIComponent(mark)}`);
    assert.equal(await page.getByRole("link", { name: mark }).count(), 0);
    await done();
  });
}

test("what a list shows goes out as a file", async () => {
  const { page, origin, done } = await member("manager", two);
  await page.goto(`${origin}/customers/?sort=-id`);
  await page.locator("summary", { hasText: "Ferramentas" }).click();
  const href = await page.locator('a[href*="export/"][href*="format=csv"]').first().getAttribute("href");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator('a[href*="export/"][href*="format=csv"]').first().click(),
  ]);
  const text = readFileSync(await download.path(), "utf8");
  const shown = await page.locator("#records tbody tr").count();
  assert.match(href, /sort=-id/);
  assert.ok(text.trim().split("\n").length > Math.min(shown, 10), text);
  await done();
});
