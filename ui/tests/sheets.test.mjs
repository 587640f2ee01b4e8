// Spreadsheets in and out, and records that are there twice: as somebody does it by hand, on the desk and on the phone,
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
    await page.locator(".table").getByText("Sem endereço").first().waitFor();
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

test("somebody who is there already is told, compared and made one", async () => {
  const { page, origin, done } = await member("owner", two);
  for (const [name, email] of [["Casa Dobrada Ltda", "um@dobrada.example"], ["CASA DOBRADA", "dois@dobrada.example"]]) {
    await page.goto(`${origin}/customers/new/`);
    await page.locator('[name="name"]').fill(name);
    await page.locator('[name="email"]').fill(email);
    if (email.startsWith("dois")) {
      await page.locator("#similar").getByText("Casa Dobrada Ltda").waitFor();
      await accessible(page, "a hint");
    }
    await page.getByRole("button", { name: "Salvar" }).last().click();
    await page.waitForURL(/customers\/\d+\//);
  }
  await page.goto(`${origin}/customers/duplicates/`);
  await accessible(page, "duplicates");
  await page.getByRole("link", { name: /Comparar: CASA DOBRADA/i }).first().click();
  await page.waitForURL(/merge/);
  await accessible(page, "two side by side");
  await page.locator('[name="keep-email"][value="other"]').check();
  await page.getByRole("button", { name: "Unir" }).click();
  await page.waitForURL(/customers\/\d+\/$/);
  await page.getByText("dois@dobrada.example").first().waitFor();
  await page.getByText("um@dobrada.example").first().waitFor();
  await Promise.all([
    page.waitForResponse((answer) => answer.url().includes("/undo/")),
    page.getByRole("button", { name: "Desfazer", exact: true }).first().click(),
  ]);
  await page.goto(`${origin}/customers/?q=dobrada`);
  for (const email of ["um@dobrada.example", "dois@dobrada.example"])
    await page.locator("#records a.row-link", { hasText: email }).waitFor();
  await done();
});

for (const [what, options] of [
  ["on the desk", {}],
  ["on a phone", { viewport: PHONE }],
  ["without scripts", { javaScript: false }],
]) {
  test(`two who are not one leave the duplicates and come back, ${what}`, async () => {
    const { page, origin, done } = await member("owner", two, options);
    const mark = `Xará ${what}`;
    const address = what.replaceAll(" ", "-");
    for (const n of [1, 2]) {
      await page.goto(`${origin}/customers/new/`);
      await page.locator('[name="name"]').fill(mark);
      await page.locator('[name="email"]').fill(`${address}${n}@xara.example`);
      await page.getByRole("button", { name: "Salvar" }).last().click();
      await page.waitForURL(/customers\/\d+\//);
    }
    await page.goto(`${origin}/customers/duplicates/`);
    const say = page.getByRole("button", { name: new RegExp(`Não são .*: ${mark}, ${mark}`) });
    // By the keyboard alone.
    await say.focus();
    await page.keyboard.press("Enter");
    await say.waitFor({ state: "detached" });
    if (options.javaScript !== false) await accessible(page, "duplicates, once something was said");
    await page.getByRole("button", { name: "Desfazer", exact: true }).first().click();
    await say.waitFor();
    await say.click();
    await say.waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Não são duplicados" }).first().click();
    await page.waitForURL(/duplicates\/dismissed\/$/);
    const again = page.getByRole("button", { name: `Mostrar de novo: ${mark}, ${mark}` });
    await again.waitFor();
    if (options.javaScript !== false) await accessible(page, "who is no duplicate");
    await again.click();
    await again.waitFor({ state: "detached" });
    await page.goto(`${origin}/customers/duplicates/`);
    await say.waitFor();
    await page.getByRole("link", { name: new RegExp(`Comparar: ${mark}`) }).first().click();
    await page.waitForURL(/merge/);
    if (options.javaScript !== false) await accessible(page, "two who may not be one");
    await page.locator(".main").getByRole("button", { name: /^Não são/ }).click();
    await page.waitForURL(/duplicates\/$/);
    assert.equal(await say.count(), 0);
    await done();
  });
}
