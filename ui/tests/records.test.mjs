// Records, from the first typed name to the bin and back: what a person does with them in a day.
import assert from "node:assert/strict";
import { test } from "node:test";
import { post } from "./hand.mjs";
import { member, world } from "./support.mjs";

const [one, two] = world.tenants;
let number = 0;
const unique = (name) => `${name} ${Date.now()}${number++}`;
const mail = (name) => `${name.toLowerCase().replace(/[^a-z0-9]+/g, ".")}@example.com`;

/** Fills the form of a new customer and sends it; the address of its page. */
async function customer(page, origin, name, more = {}) {
  await page.goto(`${origin}/customers/new/`);
  await page.getByLabel("Nome", { exact: false }).first().fill(name);
  await page.locator("#f-email").fill(more.email ?? mail(name));
  for (const [field, value] of Object.entries(more)) await page.locator(`#f-${field}`).fill(value);
  await page.locator("#record-form .button-primary").click();
  await page.waitForURL(/\/customers\/\d+\/$/);
  return page.url();
}

test("a customer is made, seen, found and edited", async () => {
  const { page, origin, done } = await member("manager");
  const name = unique("Confeitaria Céu");
  const url = await customer(page, origin, name, { phone: "11 98765-4321" });
  assert.equal(await page.locator("h1").innerText(), name);
  assert.match(await page.locator(".toast").innerText(), /Criado/);
  assert.match(await page.locator("#timeline").innerText(), /criou o cliente/);
  assert.equal(await page.locator('a[href="https://wa.me/5511987654321"]').count(), 1);
  assert.equal(await page.locator('a[href="tel:+5511987654321"]').count(), 1);

  await page.goto(`${origin}/search/?q=${encodeURIComponent(name.replace("Céu", "CEU"))}`);
  assert.match(await page.locator("mark").first().innerText(), /Confeitaria/);
  await page.getByRole("link", { name }).click();
  await page.waitForURL(url);

  await page.getByRole("link", { name: "Editar", exact: true }).first().click();
  await page.waitForURL(/\/edit\/$/);
  await page.locator("#f-notes").fill("Prefere falar de manhã.\nSegunda linha.");
  await page.locator("#record-form .button-primary").click();
  await page.waitForURL(url);
  assert.match(await page.locator("#record").innerText(), /Prefere falar de manhã\.\s+Segunda linha\./);
  await done();
});

test("one field is edited where it stands", async () => {
  const { page, origin, done } = await member("manager");
  await customer(page, origin, unique("Padaria"));
  await page.locator("#edit-phone-show").click();
  await page.locator("#f-inline-phone").fill("1134567890");
  await page.keyboard.press("Enter");
  await page.locator("#edit-phone-show", { hasText: "(11) 3456-7890" }).waitFor();
  assert.match(await page.locator("#timeline").innerText(), /Telefone/);
  // Escape leaves it as it was.
  await page.locator("#edit-name-show").click();
  await page.locator("#f-inline-name").fill("Nada");
  await page.keyboard.press("Escape");
  assert.doesNotMatch(await page.locator("#edit-name").innerText(), /Nada/);
  await done();
});

test("a double click makes one record", async () => {
  const { page, context, origin, done } = await member("manager", two);
  const name = unique("Duplo");
  await page.goto(`${origin}/customers/new/`);
  await page.locator("#f-name").fill(name);
  await page.locator("#f-email").fill(mail(name));
  // As a browser without our scripts does it: the same form, twice.
  const fields = await page.locator("#record-form").evaluate((form) => [...new FormData(form)]);
  const body = new URLSearchParams(fields).toString();
  const send = () => post(context, `${origin}/customers/new/`, body);
  const answers = await Promise.all([send(), send(), send()]);
  assert.deepEqual(answers.map((answer) => answer.status), [303, 303, 303]);
  const places = new Set(answers.map((answer) => answer.headers.location));
  assert.equal(places.size, 1);
  await page.locator("#record-form .button-primary").dblclick();
  await page.waitForURL(/\/customers\/\d+\/$/);
  assert.equal(new URL(page.url()).pathname, [...places][0]);
  await page.goto(`${origin}/customers/?q=${encodeURIComponent(name)}`);
  assert.equal(await page.locator("tbody tr").count(), 1);
  // The same form with other data is told, and makes nothing.
  const other = new URLSearchParams(fields);
  other.set("name", "Outro");
  const refused = await post(context, `${origin}/customers/new/`, other);
  assert.equal(refused.status, 409);
  assert.match(refused.text, /já foi salvo/);
  await done();
});

test("a wrong CPF is told at its field, and nothing typed is lost", async () => {
  const { page, origin, done } = await member("manager");
  const name = unique("Ana");
  await page.goto(`${origin}/customers/new/`);
  await page.locator("#f-name").fill(name);
  await page.locator("#f-email").fill(mail(name));
  await page.locator("#f-document").fill("529.982.247-26");
  await page.locator("#f-contacts-0-value").fill("compras@example.com");
  await page.locator("#record-form .button-primary").click();
  await page.locator("#f-document-error").waitFor();
  assert.match(await page.locator("#f-document-error").innerText(), /dígitos/);
  assert.equal(await page.locator("#f-document").getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator("#f-name").inputValue(), name);
  assert.equal(await page.locator("#f-contacts-0-value").inputValue(), "compras@example.com");
  assert.match(await page.getByRole("alert").first().innerText(), /CPF ou CNPJ/);
  await page.locator("#f-document").fill("529.982.247-25");
  await page.locator("#record-form .button-primary").click();
  await page.waitForURL(/\/customers\/\d+\/$/);
  assert.match(await page.locator("#record").innerText(), /529\.982\.247-25/);
  await done();
});

test("rows of addresses and contacts come and go", async () => {
  const { page, origin, done } = await member("manager");
  const name = unique("Endereços");
  await page.goto(`${origin}/customers/new/`);
  await page.locator("#f-name").fill(name);
  await page.locator("#f-email").fill(mail(name));
  await page.locator("#f-addresses-0-city").fill("Santos");
  await page.locator("#f-addresses-0-state").fill("sp");
  await page.getByRole("button", { name: "Adicionar endereço" }).click();
  await page.locator("#f-addresses-1-city").fill("Campinas");
  assert.equal(await page.locator("#f-name").inputValue(), name);
  await page.getByRole("button", { name: "Adicionar endereço" }).click();
  await page.locator("#f-addresses-2-city").waitFor();
  await page.getByRole("button", { name: "Remover: Endereço 1" }).click();
  await page.locator("#f-addresses-2-city").waitFor({ state: "detached" });
  assert.equal(await page.locator("#f-addresses-0-city").inputValue(), "Campinas");
  await page.locator("#f-addresses-1-cep").fill("1");
  await page.locator("#record-form .button-primary").click();
  await page.getByRole("alert").first().waitFor();
  assert.match(await page.locator("#f-addresses-error").innerText(), /2\. CEP/);
  await page.locator("#f-addresses-1-cep").fill("01310-100");
  await page.locator("#record-form .button-primary").click();
  await page.waitForURL(/\/customers\/\d+\/$/);
  assert.match(await page.locator("#record").innerText(), /Campinas[\s\S]*01310-100/);
  await done();
});

test("a lead is qualified and converted, and the conversion is undone", async () => {
  const { page, origin, done } = await member("owner");
  const name = unique("Lívia");
  await page.goto(`${origin}/leads/new/`);
  await page.locator("#f-source").fill("Indicação");
  await page.locator("#f-name").fill(name);
  await page.locator("#f-email").fill(mail(name));
  await page.locator("#f-budget").fill("12.500,50");
  await page.locator("#record-form .button-primary").click();
  await page.waitForURL(/\/leads\/\d+\/$/);
  const lead = page.url();
  assert.match(await page.locator("#record").innerText(), /R\$\s12\.500,50/);
  await page.getByRole("button", { name: "Qualificar", exact: true }).click();
  await page.locator(".page-title .badge", { hasText: "Qualificado" }).waitFor();
  await page.locator('.page-actions a[href$="/convert/"]').click();
  const dialog = page.locator("#act-convert");
  assert.equal(await dialog.locator("#f-convert-amount").inputValue(), "12.500,50");
  await dialog.locator("#f-convert-title").fill("Fornecimento mensal");
  await dialog.locator(".button-primary").click();
  await page.waitForURL(/\/opportunities\/\d+\/$/);
  assert.equal(await page.locator("h1").innerText(), "Fornecimento mensal");
  assert.match(await page.locator("#record").innerText(), /R\$\s12\.500,50/);
  await page.locator(".toast").last().getByRole("button", { name: "Desfazer" }).click();
  await page.waitForURL(lead);
  await page.locator(".page-title .badge", { hasText: "Qualificado" }).waitFor();
  assert.match(await page.locator(".toast").last().innerText(), /Desfeito/);
  await done();
});

test("a sale goes through its stages, and says why it was lost", async () => {
  const { page, origin, done } = await member("manager", two);
  const name = unique("Mercado");
  await customer(page, origin, name);
  await page.getByRole("link", { name: "Nova oportunidade" }).click();
  await page.waitForURL(/\/opportunities\/new\//);
  assert.match(await page.locator("#f-customer").inputValue(), new RegExp(`^${name} \\(#\\d+\\)$`));
  await page.locator("#f-title").fill("Contrato anual");
  await page.locator("#f-amount").fill("1000");
  await page.locator("#record-form .button-primary").click();
  // Back to the customer, whose page the form was opened from.
  await page.waitForURL(/\/customers\/\d+\/$/);
  await page.getByRole("link", { name: "Contrato anual" }).first().click();
  await page.waitForURL(/\/opportunities\/\d+\/$/);
  await page.getByRole("button", { name: "Passar para Proposta" }).click();
  await page.locator(".page-title .badge", { hasText: "Proposta" }).waitFor();
  await page.locator('.page-actions a[href$="/stage/"]').click();
  await page.locator("#f-stage-loss_reason").fill("Preço");
  await page.locator("#act-stage .button-danger").click();
  await page.locator(".page-title .badge", { hasText: "Perdida" }).waitFor();
  assert.match(await page.locator("#record").innerText(), /Motivo da perda\s+Preço/);
  await done();
});

test("an activity is noted beside its sale, completed and opened again", async () => {
  const { page, origin, done } = await member("manager");
  await page.goto(`${origin}/opportunities/list/`);
  await page.locator("tbody a.row-link").first().click();
  await page.waitForURL(/\/opportunities\/\d+\/$/);
  const sale = page.url();
  const title = unique("Ligar");
  await page.locator("#f-quick-kind").selectOption("CALL");
  await page.locator("#f-quick-title").fill(title);
  await page.locator("#f-quick-due_at").fill("2030-05-20T14:30");
  await page.locator("#quick .button-primary").click();
  await page.locator(".toast").waitFor();
  assert.equal(page.url(), sale);
  await page.locator(".related").getByRole("link", { name: title }).click();
  await page.waitForURL(/\/activities\/\d+\/$/);
  assert.match(await page.locator("#record").innerText(), /20\/05\/2030 14:30/);
  await page.getByRole("link", { name: "Concluir" }).click();
  await page.locator("#f-complete-outcome").fill("Pediu proposta");
  await page.locator("#act-complete .button-primary").click();
  await page.locator(".page-title .badge", { hasText: "Concluída" }).waitFor();
  assert.match(await page.locator("#record").innerText(), /Pediu proposta/);
  await page.getByRole("button", { name: "Reabrir" }).click();
  await page.locator(".page-title .badge", { hasText: "Pendente" }).waitFor();
  await done();
});

test("a typed name that fits one record is taken, and others are offered", async () => {
  const { page, origin, done } = await member("manager");
  const name = unique("Único");
  await customer(page, origin, name);
  await page.goto(`${origin}/opportunities/new/`);
  const asked = page.waitForResponse((answer) => answer.url().includes("fragment=options"));
  await page.locator("#f-customer").pressSequentially(name.slice(0, 12).toLowerCase().replace("ú", "u"));
  await asked;
  await page.locator(`#f-customer-options option[value^="${name}"]`).waitFor({ state: "attached" });
  await page.locator("#f-customer").fill("padaria inexistente xyz");
  await page.locator("#f-title").fill("Venda");
  await page.locator("#record-form .button-primary").click();
  await page.locator("#f-customer-error").waitFor();
  assert.match(await page.locator("#f-customer-error").innerText(), /Não encontramos/);
  await page.locator("#f-customer").fill(name);
  await page.locator("#record-form .button-primary").click();
  await page.waitForURL(/\/opportunities\/\d+\/$/);
  assert.equal(await page.locator(".page-subtitle").getByRole("link", { name, exact: true }).count(), 1);
  await done();
});
