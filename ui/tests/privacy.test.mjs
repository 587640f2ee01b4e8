// What people may ask for whose data are kept, by the pages of an owner.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, accessible, member, world } from "./support.mjs";

const [one] = world.tenants;

/** Makes a record by the API, as who is signed in. */
async function make(page, path, body) {
  const made = await page.evaluate(
    async ([path, body]) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
      return { status: answer.status, json: await answer.json() };
    },
    [path, body],
  );
  assert.equal(made.status, 201, JSON.stringify(made.json));
  return made.json;
}

for (const [what, name, options] of [
  ["desktop", "Jurema Bem-te-vi", {}],
  ["phone, dark", "Iracema Sabiá", { viewport: PHONE, dark: true }],
])
  test(`a person is asked about, and erased: ${what}`, async () => {
    const { page, done } = await member("owner", one, options);
    const email = `${name.split(" ")[0].toLowerCase()}@example.com`;
    const lead = await make(page, "/api/leads/", { source: "site", name, email });
    const twin = await make(page, "/api/leads/", { source: "feira", name: "Outro nome", email });
    await make(page, "/api/activities/", { title: `Ligar para ${name}`, lead: lead.id });
    await make(page, "/api/activities/", { title: `Falar de ${name}`, lead: (await make(page, "/api/leads/", { source: "amigo" })).id });

    await page.goto(`${one.origin}/leads/${lead.id}/consents/`);
    await page.locator('[name="purpose"]').fill("Novidades por e-mail");
    await page.locator('[name="source"]').fill("telefone");
    await page.getByRole("button", { name: "Acrescentar" }).click();
    await page.getByRole("cell", { name: "Novidades por e-mail" }).waitFor();
    await accessible(page, "grounds");

    await page.goto(`${one.origin}/leads/${lead.id}/`);
    await page.locator(".page-header summary, header summary").filter({ hasText: "Ações" }).last().click();
    await page.getByRole("link", { name: "Privacidade", exact: true }).last().click();
    await page.getByText("mesmo e-mail").waitFor();
    await page.getByText(`Falar de ${name}`).waitFor();
    await accessible(page, "what is kept of a person");
    await page.getByLabel("Outro nome").check();
    await page.getByRole("button", { name: "Ver com os marcados" }).click();
    await page.getByText("Ninguém mais parece ser a mesma pessoa").waitFor();
    await page.locator('select[name="kind"]').selectOption("ERASURE");
    await page.locator('[name="note"]').fill("Pediu por telefone");
    await page.getByRole("button", { name: "Registrar o pedido" }).click();
    await page.getByText("Pediu por telefone").waitFor();
    await accessible(page, "a request");
    // Not without a reason, and not by a slip.
    await page.locator('[name="reason"]').evaluate((field) => field.removeAttribute("required"));
    await page.getByRole("button", { name: "Recusar" }).click();
    await page.locator("#reason-error, .field-error").first().waitFor();
    await page.locator('[name="confirm"]').check();
    await page.getByRole("button", { name: "Apagar a pessoa" }).click();
    await page.getByText("Atendido").waitFor();
    assert.ok(!(await page.content()).includes("Pediu por telefone"));
    for (const id of [lead.id, twin.id]) {
      await page.goto(`${one.origin}/leads/${id}/`);
      assert.ok(!(await page.content()).includes(name));
      await page.getByText("Dados pessoais apagados").first().waitFor();
    }
    await done();
  });

test("a rule shows whom it would erase, and is deleted and had back", async () => {
  const { page, done } = await member("owner", one);
  await page.goto(`${one.origin}/settings/privacy/`);
  await page.locator('[name="name"]').fill("Perdidos");
  await page.locator('[name="months"]').fill("24");
  await page.locator('[name="months"]').evaluate((field) => field.removeAttribute("max"));
  await page.locator('[name="months"]').fill("1000");
  await page.getByRole("button", { name: "Criar prazo" }).click();
  await page.locator(".field-error").first().waitFor();
  assert.equal(await page.locator('[name="name"]').inputValue(), "Perdidos");
  await accessible(page, "privacy");
  await page.locator('[name="months"]').fill("24");
  await page.getByRole("button", { name: "Criar prazo" }).click();
  await page.getByRole("heading", { name: "Quem seria apagado agora" }).waitFor();
  await accessible(page, "a rule");
  await page.getByRole("button", { name: "Excluir" }).click();
  await page.getByText("O prazo foi excluído").waitFor();
  await page.getByRole("button", { name: "Trazer de volta" }).click();
  await page.getByRole("link", { name: "Perdidos" }).waitFor();
  await page.goto(`${one.origin}/settings/privacy/accesses/`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await accessible(page, "who saw the data");
  await done();
});
