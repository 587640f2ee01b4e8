// What goes out and comes in: webhooks, forms on the web, and keys with limits.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { test } from "node:test";
import { PHONE, accessible, api, member, visitor, world } from "./support.mjs";

const [one] = world.tenants;

/** A receiver of webhooks, and what it was sent. */
async function receiver() {
  const calls = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => (body += piece));
    request.on("end", () => {
      calls.push({ headers: request.headers, body });
      response.statusCode = 204;
      response.end();
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  // A journey that fails does not wait for it.
  server.unref();
  return { calls, url: `http://127.0.0.1:${server.address().port}/hook`, close: () => server.close() };
}

async function until(wanted) {
  for (let n = 0; n < 200 && !wanted(); n++) await new Promise((later) => setTimeout(later, 100));
  assert.ok(wanted());
}

for (const [what, options] of [
  ["desktop", {}],
  ["phone", { viewport: PHONE }],
])
  test(`a webhook is made, tested, paused and deleted: ${what}`, async () => {
    const there = await receiver();
    const { page, done } = await member("owner", one, options);
    await page.goto(`${one.origin}/settings/webhooks/`);
    await accessible(page, "webhooks");
    await page.locator('[name="name"]').fill(`Site ${what}`);
    await page.locator('[name="url"]').fill("https://10.0.0.1/hook");
    await page.getByRole("button", { name: "Criar webhook" }).click();
    await page.getByText("Escolha ao menos um evento").waitFor();
    await page.locator('[name="events.lead.created"]').check();
    await page.getByRole("button", { name: "Criar webhook" }).click();
    await page.getByText("leva a uma rede privada").waitFor();
    await accessible(page, "a webhook with errors");
    await page.locator('[name="url"]').fill(there.url);
    await page.getByRole("button", { name: "Criar webhook" }).click();
    const secret = (await page.locator("#secret").innerText()).trim();
    assert.match(secret, /^whsec_/);
    await accessible(page, "a secret");
    await page.getByRole("link", { name: "Já copiei" }).click();
    await page.getByRole("button", { name: "Enviar teste" }).waitFor();
    assert.ok(!(await page.content()).includes(secret));
    await page.getByRole("button", { name: "Enviar teste" }).click();
    await until(() => there.calls.length === 1);
    const [{ headers, body }] = there.calls;
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    assert.equal(headers["webhook-signature"], `v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
    await page.reload();
    await page.getByText("Entregue").first().waitFor();
    await page.locator("td details summary").first().click();
    await page.getByText(headers["webhook-id"]).first().waitFor();
    await accessible(page, "a webhook");
    await page.getByRole("button", { name: `Reenviar ${headers["webhook-id"]}` }).click();
    await until(() => there.calls.length === 2);
    await page.getByRole("button", { name: "Pausar" }).click();
    await page.getByRole("button", { name: "Retomar", exact: true }).click();
    await page.getByRole("button", { name: "Pausar" }).waitFor();
    await page.getByRole("button", { name: "Excluir webhook" }).click();
    await page.getByText("Webhook excluído").first().waitFor();
    there.close();
    await done();
  });

for (const [what, options] of [
  ["desktop", {}],
  ["phone without scripts", { viewport: PHONE, javaScript: false }],
])
  test(`a form on the web makes a lead: ${what}`, async () => {
    const owner = await member("owner");
    await owner.page.goto(`${one.origin}/settings/forms/`);
    const sizes = ["Pequeno", "Grande"].map((label) => ({ value: label[0], label }));
    const define = async (label, type, more = {}) => {
      const body = { kind: "lead", label: `${label} ${what}`, type, ...more };
      return (await api(owner.page, "POST", "/api/custom-fields/", body)).json.key;
    };
    const size = await define("Porte", "CHOICE", { options: sizes, help: "Da empresa." });
    const wants = await define("Interesses", "MULTI_CHOICE", { options: sizes, help: "Marque os que quiser." });
    const budget = await define("Verba", "DECIMAL");
    await owner.page.reload();
    await accessible(owner.page, "forms");
    for (const [key, how] of [[size, "required"], [wants, "required"], [budget, "optional"]])
      await owner.page.locator(`[name="fields.custom.${key}"]`).selectOption(how);
    await owner.page.locator('[name="title"]').fill(`Fale conosco ${what}`);
    await owner.page.locator('[name="consent"]').fill("Podem me escrever.");
    await owner.page.getByRole("button", { name: "Criar formulário" }).click();
    const path = await owner.page.locator('a[href^="/f/"]').getAttribute("href");
    const { page, done } = await visitor(options);
    await page.goto(`${one.origin}${path}`);
    assert.equal(await page.locator('[name="website"]').isVisible(), false);
    if (options.javaScript !== false) await accessible(page, "a form on the web");
    await page.locator('[name="name"]').fill(`Pessoa ${what}`);
    await page.locator('[name="email"]').fill(`pessoa-${what.length}@example.com`);
    await page.locator('[name="consent"]').check();
    // What a browser does not ask for is told by the page, beside the field and with what was typed.
    await page.locator(`[name="custom_fields.${size}"]`).selectOption("G");
    await page.locator(`[name="custom_fields.${budget}"]`).fill("muito");
    await page.getByRole("button", { name: "Enviar" }).click();
    await page.locator(`#f-custom_fields\\.${wants}-error`).waitFor();
    assert.equal(await page.locator(`[name="custom_fields.${budget}"]`).inputValue(), "muito");
    assert.equal(await page.locator(`[name="custom_fields.${size}"]`).inputValue(), "G");
    if (options.javaScript !== false) await accessible(page, "a form on the web that was wrong");
    for (const part of await page.locator("form .field").all()) {
      const box = await part.boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= page.viewportSize().width, "it fits a phone");
    }
    await page.locator(`[name="custom_fields.${budget}"]`).fill("1.299,90");
    await page.locator(`[name="custom_fields.${wants}.P"]`).check();
    // As long as a person takes.
    await new Promise((later) => setTimeout(later, 4_000));
    await page.getByRole("button", { name: "Enviar" }).click();
    await page.getByText("Recebemos").waitFor();
    if (options.javaScript !== false) await accessible(page, "the thanks of a form");
    // Without the proof of the form, and from nowhere that is listed.
    const answer = await fetch(`${world.console}${path}`, {
      method: "POST",
      headers: { "X-Tenant-ID": one.code, "Content-Type": "application/json" },
      body: JSON.stringify({ name: "Robô", email: "robo@example.com", consent: true, custom_fields: { [size]: "P", [wants]: ["G"] } }),
    });
    assert.equal(answer.status, 201);
    await owner.page.reload();
    await owner.page.getByText("Veio de um site não listado").waitFor();
    await accessible(owner.page, "what a form received");
    await owner.page.getByRole("button", { name: "É spam" }).click();
    await owner.page.getByText("Descartado").first().waitFor();
    await owner.page.getByRole("link", { name: /^Lead \d+$/ }).first().click();
    await owner.page.getByText(`Pessoa ${what}`).first().waitFor();
    await owner.page.getByText("1.299,90").first().waitFor();
    await done();
    await owner.done();
  });

test("a key with limits does what it is for, and says when it ends", async () => {
  const { page, done } = await member("owner");
  await page.goto(`${one.origin}/account/tokens/`);
  await page.locator('[name="name"]').fill("só leitura");
  await page.locator('[name="expires_in_days"]').selectOption("7");
  await page.getByText("Limitar o que ela pode").click();
  await page.locator('[name="scopes.leads:read"]').check();
  await accessible(page, "limits of a key");
  await page.getByRole("button", { name: "Criar chave" }).click();
  const token = (await page.locator("#token").innerText()).trim();
  const ask = (path, method = "GET") =>
    fetch(`${world.console}${path}`, { method, headers: { Authorization: `Token ${token}`, "X-Tenant-ID": one.code } });
  assert.equal((await ask("/api/leads/")).status, 200);
  const refused = await ask("/api/customers/");
  assert.equal(refused.status, 403);
  assert.match((await refused.json()).detail, /customers:read/);
  await page.goto(`${one.origin}/account/tokens/`);
  await page.getByText("Vence logo").first().waitFor();
  await page.getByText("leads:read").first().waitFor();
  await accessible(page, "keys");
  await done();
});
