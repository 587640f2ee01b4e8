// Several people on the same records: what one changes another is told; what was done is taken back, or said
// why it can't be; and nobody does what their role may not do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { post, proof, send } from "./hand.mjs";
import { member, world } from "./support.mjs";

const [one, two] = world.tenants;
let number = 0;
const unique = (name) => `${name} ${Date.now()}${number++}`;
const mail = (name) => `${name.toLowerCase().replace(/[^a-z0-9]+/g, ".")}@example.com`;

async function customer(page, origin, name) {
  await page.goto(`${origin}/customers/new/`);
  await page.locator("#f-name").fill(name);
  await page.locator("#f-email").fill(mail(name));
  await page.locator("#record-form .button-primary").click();
  await page.waitForURL(/\/customers\/\d+\/$/);
  return page.url();
}

async function edit(page, url, field, text) {
  await page.goto(`${url}edit/`);
  await page.locator(`#f-${field}`).fill(text);
  await page.locator("#record-form .button-primary").click();
  await page.waitForURL(url);
}

test("who saves second is told what the first one changed, and keeps what they typed", async () => {
  const ana = await member("manager", two);
  const beto = await member("owner", two);
  const url = await customer(ana.page, ana.origin, unique("Concorrida"));
  await beto.page.goto(`${url}edit/`);
  await beto.page.locator("#f-notes").fill("de Beto");
  await edit(ana.page, url, "notes", "de Ana");
  const refused = beto.page.waitForResponse((answer) => answer.request().method() === "POST");
  await beto.page.locator("#record-form .button-primary").click();
  assert.equal((await refused).status(), 412);
  await beto.page.getByText("Alguém mudou este registro").waitFor();
  assert.equal(await beto.page.locator("#f-notes").inputValue(), "de Beto");
  assert.match(await beto.page.locator("#main").innerText(), /Agora está: de Ana/);
  await beto.page.getByRole("button", { name: "Salvar o meu" }).click();
  await beto.page.waitForURL(url);
  assert.match(await beto.page.locator("#record").innerText(), /de Beto/);
  await ana.done();
  await beto.done();
});

test("two who edit different fields do not stand in each other's way; on the same field the second is told", async () => {
  const ana = await member("manager");
  const beto = await member("owner");
  const url = await customer(ana.page, ana.origin, unique("Dividida"));
  await beto.page.goto(url);
  await beto.page.locator("#edit-phone-show").click();
  await edit(ana.page, url, "notes", "de Ana");
  await beto.page.locator("#f-inline-phone").fill("1134567890");
  await beto.page.keyboard.press("Enter");
  await beto.page.locator("#edit-phone-show", { hasText: "3456" }).waitFor();
  // Now the same one.
  await beto.page.locator("#edit-name-show").click();
  const name = unique("Nome de Ana");
  await edit(ana.page, url, "name", name);
  await beto.page.locator("#f-inline-name").fill("Nome de Beto");
  await beto.page.keyboard.press("Enter");
  await beto.page.getByText("Alguém mudou este registro").waitFor();
  assert.equal(await beto.page.locator("#f-name").inputValue(), "Nome de Beto");
  assert.match(await beto.page.locator("#main").innerText(), new RegExp(`Agora está: ${name}`));
  await beto.page.getByRole("link", { name: "Descartar e recarregar" }).click();
  await beto.page.locator("h1", { hasText: name }).waitFor();
  assert.equal(beto.page.url(), url);
  await ana.done();
  await beto.done();
});

test("what another changes is seen without asking", async () => {
  const ana = await member("manager", two);
  const beto = await member("owner", two);
  const url = await customer(ana.page, ana.origin, unique("Viva"));
  await beto.page.goto(url);
  await edit(ana.page, url, "notes", "mudou agora");
  await beto.page.getByText("mudou agora").first().waitFor();
  await ana.done();
  await beto.done();
});

test("an undo that something stands on tells what, field by field", async () => {
  const { page, origin, done } = await member("owner");
  const url = await customer(page, origin, unique("Empilhada"));
  await edit(page, url, "notes", "primeira");
  await edit(page, url, "notes", "segunda");
  const first = page.locator(".timeline-entry", { hasText: "primeira" }).last();
  const refused = page.waitForResponse((answer) => answer.url().includes("/undo/"));
  await first.getByRole("button", { name: "Desfazer" }).click();
  assert.equal((await refused).status(), 409);
  await page.getByText("Não deu para desfazer").first().waitFor();
  const row = await page.locator("tbody tr").innerText();
  assert.match(row, /Observações/);
  assert.match(row, /primeira[\s\S]*segunda/);
  await page.getByRole("link", { name: "Voltar" }).click();
  await page.waitForURL(url);
  // The last one is free.
  await page.locator(".timeline-entry", { hasText: "segunda" }).first().getByRole("button", { name: "Desfazer" }).click();
  await page.locator("#edit-notes-show", { hasText: "primeira" }).waitFor();
  await done();
});

test("a record is seen as it stood, and can't be edited there", async () => {
  const { page, origin, done } = await member("owner");
  const url = await customer(page, origin, unique("Antiga"));
  await edit(page, url, "notes", "versão um");
  await edit(page, url, "notes", "versão dois");
  await page.locator(".timeline-entry", { hasText: "versão um" }).last().getByRole("link", { name: "Ver como ficou" }).click();
  await page.waitForURL(/\?at=\d+/);
  const text = await page.locator("#main .facts").innerText();
  assert.match(text, /versão um/);
  assert.doesNotMatch(text, /versão dois/);
  assert.equal(await page.locator("[data-inline]").count(), 0);
  assert.equal(await page.locator(".page-actions").count(), 0);
  await page.getByRole("link", { name: "Ver como está hoje" }).click();
  await page.waitForURL(url);
  await done();
});

test("deleted, and back by the message's own button; deleted, and back from the bin", async () => {
  const { page, context, origin, done } = await member("owner", two);
  const name = unique("Passageira");
  const url = await customer(page, origin, name);
  const remove = async () => {
    await page.goto(url);
    await page.locator(".page-actions summary").click();
    await page.getByRole("button", { name: "Excluir" }).click();
    await page.waitForURL(`${origin}/customers/`);
  };
  await remove();
  assert.equal((await send(context, url)).status, 404);
  await page.locator(".toast").getByRole("button", { name: "Desfazer" }).click();
  await page.locator(".toast", { hasText: "Desfeito" }).waitFor();
  assert.equal((await send(context, url)).status, 200);
  await remove();
  await page.goto(`${origin}/bin/`);
  await page.getByRole("button", { name: `Restaurar: ${name}` }).click();
  await page.locator(".toast", { hasText: "Restaurado" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/bin/");
  assert.equal((await send(context, url)).status, 200);
  await done();
});

test("the history is narrowed by kind, person and sort of change", async () => {
  const { page, origin, tenant, done } = await member("owner");
  const name = unique("Contada");
  await customer(page, origin, name);
  await page.goto(`${origin}/changes/`);
  await page.locator("#f-kind").selectOption("customer");
  await page.waitForURL(/kind=customer/);
  await page.locator("#f-op").selectOption("CREATE");
  await page.waitForURL(/op=CREATE/);
  await page.locator("#f-user").selectOption({ label: tenant.people.owner });
  await page.waitForURL(/user=\d+/);
  await page.locator("#main").getByText(name).first().waitFor();
  for (const head of await page.locator(".timeline-head strong").allInnerTexts()) assert.equal(head, tenant.people.owner);
  await page.goto(`${origin}/changes/?from=2031-01-01`);
  assert.match(await page.locator(".empty").innerText(), /Nenhuma mudança/);
  await done();
});

test("a member sees no way to change anything, and is refused by hand", async () => {
  const owner = await member("owner");
  const url = await customer(owner.page, owner.origin, unique("Alheia"));
  const { page, context, origin, done } = await member("member");
  await page.goto(`${origin}/customers/`);
  assert.equal(await page.getByRole("link", { name: "Novo cliente" }).count(), 0);
  assert.equal(await page.locator("tbody summary").count(), 0);
  await page.goto(url);
  assert.equal(await page.locator("[data-inline]").count(), 0);
  for (const name of ["Editar", "Excluir", "Desfazer"]) {
    assert.equal(await page.locator("#main").getByText(name, { exact: true }).count(), 0, name);
  }
  const token = await proof(page);
  const path = new URL(url).pathname;
  for (const [target, body] of [
    [`${path}delete/`, ""],
    [`${path}edit/`, "name=Minha"],
    [`${path}field/name/`, "name=Minha"],
    [`${path}restore/`, ""],
    ["/customers/new/", "name=X&email=x%40example.com"],
    ["/leads/1/qualify/", ""],
    ["/leads/1/convert/", ""],
    ["/opportunities/1/stage/", "stage=LOST"],
    ["/activities/1/complete/", ""],
  ]) {
    const answer = await post(context, `${origin}${target}`, `csrf_token=${token}&${body}`);
    assert.equal(answer.status, 403, target);
  }
  for (const form of [`${path}edit/`, `${path}field/name/`, "/customers/new/"]) {
    assert.equal((await send(context, `${origin}${form}`)).status, 403, form);
  }
  // A manager edits, and deletes nothing.
  const manager = await member("manager");
  await manager.page.goto(url);
  await manager.page.locator(".page-actions summary").click();
  assert.equal(await manager.page.getByRole("button", { name: "Excluir" }).count(), 0);
  await owner.done();
  await manager.done();
  await done();
});

test("another company's record is not there", async () => {
  const { page, origin, done } = await member("owner", one);
  const url = await customer(page, origin, unique("De casa"));
  const other = await member("owner", two);
  // Only the one with this number, if there is one, and never this one.
  await other.page.goto(`${two.origin}${new URL(url).pathname}`);
  assert.doesNotMatch(await other.page.locator("body").innerText(), /De casa/);
  await other.done();
  await done();
});
