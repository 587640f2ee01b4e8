// What belongs to a sale on paper: files at a record, and quotes that a customer answers by a link.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, accessible, member, visitor, world } from "./support.mjs";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const image = (name) => ({ name, mimeType: "image/png", buffer: PNG });

/** The page of some opportunity. */
async function sale(page, origin) {
  await page.goto(`${origin}/opportunities/list/`);
  await page.locator("a.row-link").first().click();
  await page.waitForURL(/\/opportunities\/\d+\/$/);
  return page.url();
}

test("files are chosen, seen, removed and had back", async () => {
  const { page, origin, done } = await member("manager");
  const url = await sale(page, origin);
  await page.locator("form[data-files] input[type=file]").setInputFiles([image("fachada.png"), { name: "itens.csv", mimeType: "text/csv", buffer: Buffer.from("a;b\r\n1;2\r\n") }]);
  await page.locator(".file", { hasText: "itens.csv" }).waitFor();
  assert.match(await page.locator(".toast").innerText(), /Arquivo anexado/);
  const look = page.locator(".file img");
  await look.scrollIntoViewIfNeeded();
  await page.waitForFunction(() => document.querySelector(".file img")?.naturalWidth === 1);
  await accessible(page, "a record with files");
  // What is not taken is said, and nothing is attached.
  await page.locator("form[data-files] input[type=file]").setInputFiles({ name: "a.exe", mimeType: "application/pdf", buffer: Buffer.from("MZ\x90\0\x03", "latin1") });
  await page.locator(".toast", { hasText: "não é aceito" }).waitFor();
  assert.equal(await page.locator(".file").count(), 2);
  await page.getByRole("button", { name: "Remover fachada.png" }).click();
  await page.locator(".toast", { hasText: "Arquivo removido" }).waitFor();
  assert.equal(await page.locator(".file").count(), 1);
  await page.locator(".toast", { hasText: "Arquivo removido" }).getByRole("button", { name: "Desfazer" }).click();
  await page.locator(".file", { hasText: "fachada.png" }).waitFor();
  // Dropped anywhere on the card, one is sent as well.
  const held = await page.evaluateHandle(() => {
    const held = new DataTransfer();
    held.items.add(new File(["solto"], "solto.txt", { type: "text/plain" }));
    return held;
  });
  await page.dispatchEvent("#files", "drop", { dataTransfer: held });
  await page.locator(".file", { hasText: "solto.txt" }).waitFor();
  assert.equal(page.url().split("#")[0], url);
  await done();
});

test("a form sends files without scripts", async () => {
  const { page, origin, done } = await member("manager", world.tenants[1], { javaScript: false });
  await sale(page, origin);
  await page.locator("form[data-files] input[type=file]").setInputFiles(image("simples.png"));
  await page.locator("form[data-files] button").click();
  await page.waitForURL(/#files$/);
  assert.match(await page.locator("#files").innerText(), /simples\.png/);
  await done();
});

test("a quote is written, sent, and answered on a phone", async () => {
  const { page, origin, done } = await member("manager");
  await page.goto(`${origin}/products/new/`);
  const name = `Consultoria ${Date.now()}`;
  await page.locator("#f-name").fill(name);
  await page.locator("#f-price").fill("180,00");
  await accessible(page, "the form of a product");
  await page.locator("form.form .button-primary").click();
  await page.waitForURL(/\/products\/$/);
  await accessible(page, "products");

  await sale(page, origin);
  await page.getByRole("button", { name: "Nova proposta" }).click();
  await page.waitForURL(/\/quotes\/\d+\/edit\/$/);
  await page.locator('[name="lines.0.product"]').selectOption({ label: name });
  await page.locator('[name="lines.0.quantity"]').fill("2,5");
  await page.locator('[name="lines.0.price"]').fill("200,00");
  // What it comes to is seen while it is typed.
  assert.match(await page.locator("[data-quote-total]").innerText(), /500,00/);
  await page.locator('[name="lines.0.discount"]').fill("10");
  assert.match(await page.locator("[data-quote-total]").innerText(), /450,00/);
  await page.locator('[name="valid_until"]').fill("2099-12-31");
  await accessible(page, "the editor of a quote");
  await page.getByRole("button", { name: "Acrescentar item" }).click();
  await page.locator('[name="lines.1.name"]').waitFor();
  await page.getByRole("button", { name: "Salvar proposta" }).click();
  await page.waitForURL(/\/quotes\/\d+\/$/);
  const quote = page.url();
  await page.getByRole("button", { name: "Enviar: criar o link" }).click();
  const link = page.locator('a[href^="/q/"]');
  await link.waitFor();
  const path = await link.getAttribute("href");
  await accessible(page, "a quote that was sent");

  const customer = await visitor({ viewport: PHONE, javaScript: true });
  await customer.page.goto(`${origin}${path}`);
  assert.match(await customer.page.locator("main").innerText(), /450,00/);
  await accessible(customer.page, "a quote behind its link");
  const wide = await customer.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wide, false, "nothing is wider than the phone");
  await customer.page.locator("#f-name").fill("Maria Souza");
  await customer.page.locator("#f-confirm").check();
  await customer.page.getByRole("button", { name: "Aceitar a proposta" }).click();
  await customer.page.getByText("Aceita por Maria Souza").waitFor();
  await customer.done();

  await page.goto(quote);
  assert.match(await page.locator("main").innerText(), /Maria Souza/);
  await page.getByRole("button", { name: "Usar o total na oportunidade" }).click();
  await page.locator(".toast", { hasText: "Salvo" }).waitFor();
  await page.goto(`${quote}print/`);
  await accessible(page, "a quote on paper");
  await done();
});
