// What one is told of: the bell, the list, and what one wants to be told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, accessible, api, member, world } from "./support.mjs";

const [one] = world.tenants;

/** A lead that the owner gives to this person. */
async function give(page) {
  const me = (await api(page, "GET", "/api/auth/me/")).json.id;
  const owner = await member("owner", one);
  const name = `Zilda ${Math.random().toString(36).slice(2, 8)}`;
  const made = await api(owner.page, "POST", "/api/leads/", { source: "Feira", name, owner: me });
  assert.equal(made.status, 201, JSON.stringify(made.json));
  await owner.done();
  return { name, id: made.json.id };
}

test("what somebody gives me rings the bell at once, and is read when it is opened", async () => {
  const { page, origin, done } = await member("manager", one);
  await page.goto(`${origin}/today/`);
  await api(page, "POST", "/api/notifications/read/", {});
  const lead = await give(page);
  const bell = page.locator("#bell");
  await bell.locator(".bell-count").waitFor();
  assert.equal(await bell.locator("a").getAttribute("aria-label"), "Avisos: 1 não lidos");
  await accessible(page, "a page with a bell that has rung");
  await bell.locator("a").click();
  await page.waitForURL(`${origin}/notifications/`);
  await page.locator(".told-line.is-new").first().waitFor();
  await accessible(page, "the list of notifications");
  await page.getByRole("button", { name: `${one.people.owner} passou para você: ${lead.name}`, exact: true }).click();
  await page.waitForURL(`${origin}/leads/${lead.id}/`);
  await page.locator("#bell:not(:has(.bell-count))").waitFor();
  await page.goto(`${origin}/notifications/?unread=true`);
  await page.getByText("Tudo lido").waitFor();
  await done();
});

for (const javaScript of [true, false]) {
  test(`all are read, one is new again, and one is wanted no more, ${javaScript ? "with" : "without"} scripts`, async () => {
    const setup = await member("member", one);
    const lead = await give(setup.page);
    await setup.done();
    const { page, origin, done } = await member("member", one, { javaScript, viewport: PHONE });
    await page.goto(`${origin}/notifications/`);
    const line = page.locator(".told-line", { hasText: lead.name });
    for (const box of await line.locator("button").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()))) {
      assert.ok(box.height >= 44, `${box.height} px high`);
    }
    await page.getByRole("button", { name: "Marcar todos como lidos" }).click();
    await page.locator(".told-line.is-new").waitFor({ state: "detached" });
    await line.getByRole("button", { name: /^Marcar como não lido/ }).click();
    await page.locator(".told-line.is-new", { hasText: lead.name }).waitFor();
    await page.getByRole("link", { name: "O que avisar" }).click();
    await page.waitForURL(`${origin}/notifications/preferences/`);
    if (javaScript) await accessible(page, "what to tell");
    const box = page.locator('[name="portal.OVERDUE"]');
    const before = await box.isChecked();
    await box.setChecked(!before);
    const saved = page.waitForResponse((answer) => answer.request().method() === "POST" && answer.status() === 303);
    await page.getByRole("button", { name: "Salvar" }).click();
    await saved;
    await page.goto(`${origin}/notifications/preferences/`);
    assert.equal(await page.locator('[name="portal.OVERDUE"]').isChecked(), !before);
    assert.equal(await page.locator('[name="portal.WEBHOOK_STOPPED"]').count(), 0, "owners alone are told of webhooks");
    await done();
  });
}

test("an owner says who gets new leads, in which order, and takes it back", async () => {
  const { page, origin, done } = await member("owner", one);
  const add = async (name, source) => {
    await page.goto(`${origin}/settings/assignment/`);
    await page.locator('[name="name"]').fill(name);
    await page.locator('[name="source"]').fill(source);
    await page.getByLabel(one.people.member, { exact: true }).check();
    await page.getByRole("button", { name: "Criar regra" }).click();
    await page.getByRole("heading", { name: new RegExp(`\\d\\. ${name}`) }).waitFor();
  };
  await page.goto(`${origin}/settings/assignment/`);
  await page.locator('[name="name"]').fill("Ninguém");
  await page.getByRole("button", { name: "Criar regra" }).click();
  await page.getByText("Diga quem").first().waitFor();
  await add("Sul", "site");
  await add("Resto", "");
  await accessible(page, "rules of assignment");
  await page.getByRole("button", { name: "Subir: Resto" }).click();
  await page.getByRole("heading", { name: "1. Resto" }).waitFor();
  await page.getByRole("button", { name: "Desfazer a última mudança" }).click();
  await page.getByRole("heading", { name: "1. Sul" }).waitFor();
  await done();
});

test("an owner sets the mail server, and reads what it says to a test", async () => {
  const { page, origin, done } = await member("owner", one);
  await page.goto(`${origin}/settings/mail/`);
  await accessible(page, "the mail server, not set yet");
  await page.locator('[name="host"]').fill("127.0.0.1");
  await page.locator('[name="port"]').fill("x");
  await page.locator('[name="security"]').selectOption("NONE");
  await page.locator('[name="from_address"]').fill("vendas@example.com");
  await page.locator('[name="password"]').fill("uma senha secreta");
  await page.getByRole("button", { name: "Salvar" }).click();
  await page.locator(".field-error").first().waitFor();
  assert.equal(await page.locator('[name="password"]').inputValue(), "");
  await page.locator('[name="port"]').fill("9");
  await page.locator('[name="password"]').fill("uma senha secreta");
  await page.getByRole("button", { name: "Salvar" }).click();
  await page.getByRole("button", { name: "Enviar teste para mim" }).click();
  await page.getByText("O teste não foi enviado").waitFor();
  assert.ok(!(await page.content()).includes("uma senha secreta"));
  await accessible(page, "the mail server, after a test");
  await page.getByRole("button", { name: "Esquecer o servidor" }).click();
  await page.getByText("foi esquecido").first().waitFor();
  await done();
});
