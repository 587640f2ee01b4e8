import assert from "node:assert/strict";
import { test } from "node:test";
import { admin, visitor, world } from "./support.mjs";

const [one] = world.tenants;

/** Another name for each call: what one journey makes is in no other's way. */
let count = 0;
const fresh = (stem) => `${stem}-${++count}`;

/** Fills the wizard and sends it; `then` is which of its buttons. */
async function create(page, origin, { name, code, subdomain = code, then = "provision", more = async () => {} }) {
  await page.goto(`${origin}/platform/tenants/new/`);
  await page.locator("#f-name").fill(name ?? `Empresa ${code}`);
  await page.locator("#f-tenant_code").fill(code);
  await page.locator("#f-subdomain").fill(subdomain);
  await more();
  await page.locator(`button[name=then][value=${then}]`).click();
}

/** Made, and only made; on its page. */
async function made(page, origin, code, name) {
  await create(page, origin, { code, name, then: "create" });
  await page.waitForURL(/\/platform\/tenants\/\d+\/$/);
  return Number(new URL(page.url()).pathname.split("/")[3]);
}

test("a new tenant is created, provisioned, and watched until it is ready", async () => {
  const { page, origin, done } = await admin();
  const code = fresh("nova");
  await create(page, origin, { code, name: "Nova Ltda." });
  await page.waitForURL(/\/platform\/tenants\/\d+\/$/);
  assert.equal(await page.locator("h1").innerText(), "Nova Ltda.");
  // No reload: the steps ask for themselves, and the head of the page with them.
  await page.locator("#tenant-state").getByText("Pronta").waitFor({ timeout: 30_000 });
  assert.equal(await page.locator("#provisioning .step").count(), 11);
  assert.equal(await page.locator("#provisioning .step-mark.tone-ok").count(), 11);
  await page.locator("#provisioning").getByText("Concluída").waitFor();
  // What became of it is told beside the steps, too.
  await page.getByRole("link", { name: "Abrir o portal" }).waitFor();
  assert.match(await page.locator("#tenant-place").innerText(), /db:\d+/);
  assert.equal(await page.locator("#provisioning[hx-trigger]").count(), 0, "nobody asks any more");
  await done();
});

test("one that fails tells its cause and what to do, and is tried again", async () => {
  const { page, origin, done } = await admin({ language: "en" });
  const code = fresh("alheia");
  // A database that belongs to somebody else: the platform's tests always have this one.
  const foreign = world.foreign;
  await create(page, origin, {
    code,
    more: async () => {
      await page.locator("summary").filter({ hasText: "Names and server" }).click();
      await page.locator('[id="f-provisioning.database_name"]').fill(foreign);
    },
  });
  await page.waitForURL(/\/platform\/tenants\/\d+\/$/);
  await page.locator("#tenant-state").getByText("Failed").waitFor({ timeout: 30_000 });
  const alert = page.locator("#provisioning").getByRole("alert");
  assert.match(await alert.innerText(), new RegExp(`${foreign} exists on the server`));
  assert.match(await alert.innerText(), /Give the tenant another name/);
  assert.equal(await page.locator("#provisioning .step-mark.tone-danger").count(), 1);
  const first = await page.locator("#provisioning a", { hasText: "See the operation" }).getAttribute("href");

  // It is on the overview, with its cause.
  await page.goto(`${origin}/platform/`);
  const row = page.locator("main li.stack-tight", { hasText: code });
  assert.match(await row.innerText(), /exists on the server/);

  // Mended by another name, and tried again.
  await row.getByRole("link").first().click();
  await page.waitForURL(/\/tenants\/\d+\/$/);
  await page.getByRole("link", { name: "Edit where the data live" }).click();
  await page.locator('[id="f-provisioning.database_name"]').fill(`crm_${code.replace("-", "_")}`);
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/\/tenants\/\d+\/$/);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator("#tenant-state").getByText("Ready").waitFor({ timeout: 30_000 });
  const second = await page.locator("#provisioning a", { hasText: "See the operation" }).getAttribute("href");
  assert.notEqual(second, first);
  await done();
});

test("bad input keeps what was typed, and says what is wrong at its field", async () => {
  const { page, origin, done } = await admin();
  await create(page, origin, {
    code: "com espaço",
    name: "Padaria da Praça",
    subdomain: "www",
    more: async () => {
      await page.locator('[id="f-contract.seats"]').fill("0");
      await page.locator('[id="f-contract.monthly_fee"]').fill("1.299,90");
    },
  });
  await page.locator(".error-summary").waitFor();
  assert.equal(await page.locator("#f-name").inputValue(), "Padaria da Praça");
  assert.equal(await page.locator("#f-tenant_code").inputValue(), "com espaço");
  assert.equal(await page.locator('[id="f-contract.seats"]').inputValue(), "0");
  assert.equal(await page.locator('[id="f-contract.monthly_fee"]').inputValue(), "1.299,90");
  for (const field of ["tenant_code", "subdomain", "contract.seats"])
    assert.equal(await page.locator(`[id="f-${field}"]`).getAttribute("aria-invalid"), "true", field);
  assert.equal(await page.locator("#f-name").getAttribute("aria-invalid"), null);
  assert.match(await page.locator("#f-subdomain-error").innerText(), /reservado/);
  // Corrected, it goes through.
  const code = fresh("praca");
  await page.locator("#f-tenant_code").fill(code);
  await page.locator("#f-subdomain").fill(code);
  await page.locator('[id="f-contract.seats"]').fill("7");
  await page.locator("button[name=then][value=create]").click();
  await page.waitForURL(/\/platform\/tenants\/\d+\/$/);
  assert.match(await page.locator("main").innerText(), /R\$\s1\.299,90/);
  assert.match(await page.locator("main").innerText(), /0 de 7/);
  await done();
});

test("a name that is taken is told while it is typed", async () => {
  const { page, origin, done } = await admin();
  await page.goto(`${origin}/platform/tenants/new/`);
  await page.locator("#f-tenant_code").pressSequentially(one.code);
  await page.locator("#check-tenant_code .field-error").waitFor();
  await page.locator("#f-tenant_code").fill("livre-mesmo");
  await page.locator("#check-tenant_code").getByText("está livre").waitFor();
  assert.match(await page.locator("#check-tenant_code").innerText(), /crm_livre_mesmo/);
  await page.locator("#f-subdomain").pressSequentially("api");
  await page.locator("#check-subdomain .field-error").waitFor();
  await done();
});

test("filters are in the address, and the back button takes them back", async () => {
  const { page, origin, done } = await admin();
  const code = fresh("filtro");
  await made(page, origin, code);
  await page.goto(`${origin}/platform/tenants/`);
  await page.locator("#f-status").selectOption("PENDING");
  await page.waitForURL(/status=PENDING/);
  await page.locator("tbody tr", { hasText: code }).waitFor();
  assert.equal(await page.locator("tbody tr", { hasText: one.code }).count(), 0);
  await page.locator("#f-q").fill("nada-com-este-nome");
  await page.waitForURL(/q=nada/);
  await page.locator(".empty").waitFor();
  await page.goBack();
  await page.waitForURL((url) => url.searchParams.get("status") === "PENDING" && !url.searchParams.get("q"));
  await page.locator("tbody tr", { hasText: code }).waitFor();
  await page.reload();
  assert.equal(await page.locator("#f-status").inputValue(), "PENDING");
  await done();
});

test("the list is sorted by its heads", async () => {
  const { page, origin, done } = await admin();
  await page.goto(`${origin}/platform/tenants/`);
  const names = () => page.locator("tbody .row-link").evaluateAll((all) => all.map((a) => a.firstChild.textContent.trim()));
  const up = await names();
  assert.ok(up.length > 1);
  await page.locator("thead a").first().click();
  await page.waitForURL(/sort=-name/);
  await page.locator('th[aria-sort="descending"]').waitFor();
  assert.deepEqual(await names(), up.toReversed());
  await done();
});

test("suspending and resuming wants the code typed, and shuts members out", async () => {
  const { page, origin, done } = await admin();
  const tenant = world.tenants[1];
  await page.goto(`${origin}/platform/tenants/${tenant.id}/state/`);
  await page.locator("#confirm-suspend").fill("outro");
  await page.getByRole("button", { name: "Suspender o contrato" }).click();
  await page.getByText("Digite exatamente o código").waitFor();
  assert.equal(await page.locator("#confirm-suspend").inputValue(), "outro");
  await page.locator("#confirm-suspend").fill(tenant.code);
  await page.getByRole("button", { name: "Suspender o contrato" }).click();
  await page.locator("#tenant-state").getByText("Suspenso").waitFor();

  const shut = await visitor();
  await shut.page.goto(`${tenant.origin}/sign-in/`);
  await shut.page.locator("#username").fill(tenant.people.owner);
  await shut.page.locator("#password").fill(world.password);
  await shut.page.keyboard.press("Enter");
  await shut.page.waitForURL(`${tenant.origin}/today/`);
  const answer = await shut.page.reload();
  assert.equal(answer.status(), 403);
  await shut.done();

  await page.getByRole("button", { name: "Retomar o contrato" }).click();
  // It is on trial again, as before.
  await page.locator("#tenant-state").getByText("Em teste").waitFor();
  await done();
});

test("a deactivated tenant is not there, until it is activated", async () => {
  const { page, context, origin, done } = await admin();
  const code = fresh("parada");
  const id = await made(page, origin, code);
  await page.goto(`${origin}/platform/tenants/${id}/state/`);
  await page.locator("#confirm-deactivate").fill(code);
  await page.getByRole("button", { name: "Desativar a empresa" }).click();
  await page.locator("#tenant-state").getByText("Desativada").waitFor();
  const other = await context.newPage();
  const portal = `${origin.replace("//localhost", `//${code}.localhost`)}/sign-in/`;
  assert.equal((await other.goto(portal)).status(), 404);
  // Nobody is led there, and nobody gets in.
  assert.equal(await page.locator("#tenant-actions a").count(), 0);
  await other.goto(`${origin}/platform/tenants/${id}/`);
  assert.equal(await other.locator("#tenant-place a[href^=http]").count(), 0);
  await other.goto(`${origin}/platform/tenants/${id}/enter/`);
  await other.getByText("Ninguém entra nesta empresa agora").waitFor();
  assert.equal(await other.locator("form[action$='/enter/']").count(), 0);
  const status = await other.evaluate(async () => {
    const body = new URLSearchParams({ reason: "x", minutes: "15" });
    return (await fetch(location.pathname, { method: "POST", body })).status;
  });
  assert.equal(status, 409);
  await page.getByRole("button", { name: "Ativar a empresa" }).click();
  await page.locator("#tenant-state").getByText("Desativada").waitFor({ state: "detached" });
  await done();
});

test("members are added, change their role, and leave; seats and the last owner hold", async () => {
  const { page, origin, done } = await admin();
  const code = fresh("membros");
  const id = await made(page, origin, code);
  const add = async (username, role) => {
    await page.goto(`${origin}/platform/tenants/${id}/members/`);
    await page.locator("#f-username").fill(username);
    await page.locator("#f-role").selectOption(role);
    await page.getByRole("button", { name: "Adicionar" }).click();
  };
  await add("nobody.at.all", "MEMBER");
  await page.locator("#f-username-error").waitFor();
  assert.equal(await page.locator("#f-username").inputValue(), "nobody.at.all");
  await add(one.people.owner, "OWNER");
  const owner = page.locator("tbody tr", { hasText: one.people.owner });
  await owner.waitFor();
  // The last owner stays one.
  await owner.locator("select[name=role]").selectOption("MEMBER");
  await owner.getByRole("button", { name: "Mudar o papel" }).click();
  await page.getByRole("alert").filter({ hasText: "último proprietário" }).waitFor();
  await add(one.people.manager, "MEMBER");
  const manager = page.locator("tbody tr", { hasText: one.people.manager });
  await manager.locator("select[name=role]").selectOption("MANAGER");
  await manager.getByRole("button", { name: "Mudar o papel" }).click();
  await page.waitForFunction(() => document.querySelectorAll("tbody option[value=MANAGER][selected]").length === 1);
  await add(one.people.member, "MEMBER");
  await page.locator("tbody tr", { hasText: one.people.member }).waitFor();
  assert.match(await page.locator(".tab[aria-current]").innerText(), /3\/3/);
  await add("console.admin", "MEMBER");
  await page.getByRole("alert").filter({ hasText: "3" }).first().waitFor();
  await manager.getByRole("button", { name: "Desativar" }).click();
  await manager.getByText("Desativado").waitFor();
  await done();
});

test("a domain is claimed, is not verified without its record, and is removed", async () => {
  const { page, origin, done } = await admin();
  const id = await made(page, origin, fresh("dominio"));
  await page.goto(`${origin}/platform/tenants/${id}/domains/`);
  await page.locator("#f-host").fill("10.0.0.1");
  await page.getByRole("button", { name: "Pedir o domínio" }).click();
  await page.locator("#f-host-error").waitFor();
  await page.locator("#f-host").fill("crm.exemplo.com.br");
  await page.getByRole("button", { name: "Pedir o domínio" }).click();
  const card = page.locator("section.card", { hasText: "crm.exemplo.com.br" });
  await card.getByText("_sindico.crm.exemplo.com.br").waitFor();
  await card.getByRole("button", { name: "Verificar" }).click();
  await card.getByRole("alert").waitFor();
  await card.getByRole("button", { name: "Remover" }).click();
  await page.locator(".empty").waitFor();
  await done();
});

test("the contract is edited, and a change of somebody else in between is not lost", async () => {
  const { page, context, origin, done } = await admin();
  const id = await made(page, origin, fresh("contrato"));
  const other = await context.newPage();
  await other.goto(`${origin}/platform/tenants/${id}/edit/`);
  await page.goto(`${origin}/platform/tenants/${id}/edit/`);
  await page.locator('[id="f-contract.plan"]').selectOption("ENTERPRISE");
  await page.locator('[id="f-contract.end_date"]').fill("2030-12-31");
  await page.getByRole("button", { name: "Salvar" }).click();
  await page.waitForURL(new RegExp(`/tenants/${id}/$`));
  assert.match(await page.locator("main").innerText(), /Enterprise[\s\S]*31\/12\/2030/);
  await other.locator('[id="f-contract.seats"]').fill("9");
  await other.getByRole("button", { name: "Salvar" }).click();
  await other.getByText("Alguém mudou isto").first().waitFor();
  assert.equal(await other.locator('[id="f-contract.seats"]').inputValue(), "9");
  await page.reload();
  assert.match(await page.locator("main").innerText(), /Enterprise/);
  // The audit tells the change, field by field.
  await page.goto(`${origin}/platform/tenants/${id}/audit/`);
  const entry = page.locator(".timeline-entry", { hasText: "mudou a empresa" });
  await entry.locator("summary").click();
  assert.match(await entry.innerText(), /Plano[\s\S]*Starter[\s\S]*Enterprise/);
  await done();
});

test("an operation that waits is canceled", async () => {
  const { page, origin, done } = await admin();
  const code = fresh("cancelada");
  const id = await made(page, origin, code);
  // Asked for and canceled at once, as from two hands: whichever comes first, the page tells how it ended.
  const proof = await page.locator('meta[name="csrf-token"]').getAttribute("content");
  const headers = { "X-CSRF-Token": proof, Origin: origin };
  const asked = await page.request.post(`${origin}/platform/api/tenants/${id}/provision/execute/`, {
    headers: { ...headers, Prefer: "respond-async" },
  });
  const { id: operation } = await asked.json();
  await page.goto(`${origin}/platform/operations/${operation}/`);
  const cancel = page.getByRole("button", { name: "Cancelar a operação" });
  if (await cancel.isVisible()) {
    await cancel.click();
    await page.waitForLoadState("networkidle");
  }
  await page.goto(`${origin}/platform/operations/${operation}/`);
  await page.locator("#steps").getByText(/Cancelada|Concluída/).first().waitFor({ timeout: 30_000 });
  await done();
});
