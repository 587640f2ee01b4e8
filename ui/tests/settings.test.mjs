// The company's settings, going from company to company, and support.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, accessible, admin, api, member, signIn, visitor, world } from "./support.mjs";

const [one, two] = world.tenants;
const submit = (page, action) => page.locator(`form[action="${action}"] [type="submit"]`).first().click();

async function menu(page) {
  await page.locator(".user-menu summary").click();
}

test("an owner adds a member, changes their role, and can't give up the company", async () => {
  const { page, done } = await member("owner");
  await page.goto(`${one.origin}/settings/members/`);
  await page.locator('[name="username"]').fill("nobody.at.all");
  await submit(page, "/settings/members/");
  await page.getByText("Nenhum usuário ativo tem este nome").waitFor();
  assert.equal(await page.locator('[name="username"]').inputValue(), "nobody.at.all");
  await page.locator('[name="username"]').fill(two.people.member);
  await submit(page, "/settings/members/");
  await page.getByText("Pessoa adicionada").first().waitFor();
  await page.getByLabel(`Papel de ${two.people.member}`, { exact: true }).selectOption("MANAGER");
  await page.getByRole("button", { name: `Mudar o papel de ${two.people.member}` }).click();
  await page.getByText("Equipe atualizada").first().waitFor();
  assert.equal(await page.getByLabel(`Papel de ${two.people.member}`, { exact: true }).inputValue(), "MANAGER");
  // Nothing is offered that would lock the owner out, and it is refused if it is sent.
  assert.equal(await page.getByLabel(`Papel de ${one.people.owner}`).count(), 0);
  const row = page.locator("tr", { hasText: one.people.owner });
  const id = (await row.getAttribute("id")).replace("member-", "");
  const answer = await page.evaluate(async (id) => {
    const body = new URLSearchParams({ role: "MEMBER" });
    const answer = await fetch(`/settings/members/${id}/`, { method: "POST", body });
    return [answer.status, await answer.text()];
  }, id);
  assert.equal(answer[0], 400);
  assert.match(answer[1], /própria/);
  await page.goto(`${one.origin}/settings/audit/`);
  assert.match(await page.locator("table").innerText(), /Mudou .* de Membro para Gerente/);
  await done();
});

test("a tag is renamed on all its records, taken off, and both are taken back", async () => {
  const { page, done } = await member("owner");
  await page.goto(`${one.origin}/settings/tags/`);
  const first = page.locator("tbody tr").first();
  const tag = (await first.locator("td").first().innerText()).trim();
  const counts = async (name) => {
    const row = page.locator("tbody tr", { has: page.getByText(name, { exact: true }) });
    return (await row.locator("td.numeric").allInnerTexts()).join();
  };
  const before = await counts(tag);
  await first.locator("summary").click();
  await page.locator(".menu-list:popover-open").getByRole("link", { name: "Renomear" }).click();
  await page.getByRole("heading", { name: `Renomear “${tag}”` }).waitFor();
  await page.locator('[name="name"]').fill("a,b");
  await submit(page, "/settings/tags/rename/");
  await page.getByText("Uma etiqueta não tem vírgula").first().waitFor();
  await page.locator('[name="name"]').fill("outro nome");
  await submit(page, "/settings/tags/rename/");
  await page.getByText("Etiqueta renomeada").first().waitFor();
  assert.equal(await counts("outro nome"), before);
  const renamed = page.locator("tbody tr", { has: page.getByText("outro nome", { exact: true }) });
  await renamed.locator("summary").click();
  await page.locator(".menu-list:popover-open").getByRole("button", { name: "Tirar de todos os registros" }).click();
  await page.getByText("Etiqueta tirada de todos os registros").first().waitFor();
  assert.equal(await page.getByText("outro nome", { exact: true }).count(), 0);
  await page.locator("#toasts .toast").last().getByRole("button", { name: "Desfazer" }).click();
  await page.getByText("outro nome", { exact: true }).first().waitFor();
  assert.equal(await counts("outro nome"), before);
  await done();
});

test("an owner makes a team, says who leads it, deletes it and has it again", async () => {
  const { page, done } = await member("owner");
  await page.goto(`${one.origin}/settings/teams/`);
  await page.getByText("Nenhum time", { exact: true }).waitFor();
  const made = page.locator('form[action="/settings/teams/"]');
  await made.locator('[name="name"]').fill("Sul");
  await made.getByLabel(one.people.member, { exact: true }).selectOption({ label: "Lidera" });
  await submit(page, "/settings/teams/");
  await page.getByText(`${one.people.member} (lidera)`).waitFor();
  // The name is taken; what was typed stays.
  await made.locator('[name="name"]').fill("SUL");
  await submit(page, "/settings/teams/");
  await page.locator(".field-error").first().waitFor();
  assert.equal(await made.locator('[name="name"]').inputValue(), "SUL");
  await page.goto(`${one.origin}/settings/teams/`);
  await page.locator("summary", { hasText: "Editar" }).click();
  const edit = page.locator('form[action^="/settings/teams/"]').first();
  await edit.locator('[name="name"]').fill("Sul e Norte");
  await edit.getByLabel(one.people.manager, { exact: true }).selectOption({ label: "Está" });
  await edit.getByRole("button", { name: "Salvar" }).click();
  await page.getByRole("heading", { name: "Sul e Norte" }).waitFor();
  await page.locator("summary", { hasText: "Editar" }).click();
  await page.getByRole("button", { name: "Excluir o time: Sul e Norte" }).click();
  await page.getByRole("button", { name: "Trazer de volta" }).click();
  await page.getByRole("heading", { name: "Sul e Norte" }).waitFor();
  const names = await page.locator(".card p", { hasText: "lidera" }).innerText();
  assert.ok(names.includes(one.people.manager), names);
  await done();
  const other = await member("manager");
  await other.page.goto(`${one.origin}/settings/teams/`);
  await other.page.getByRole("heading", { name: "Sul e Norte" }).waitFor();
  assert.equal(await other.page.locator('.main form[method="post"]').count(), 0);
  await other.done();
});

test("who is no owner changes nothing", async () => {
  const { page, done } = await member("member");
  await page.goto(`${one.origin}/settings/members/`);
  assert.equal(await page.locator('form[action^="/settings/"]').count(), 0);
  await page.goto(`${one.origin}/settings/roles/`);
  assert.equal(await page.locator(".matrix input:enabled").count(), 0);
  for (const path of ["/settings/audit/", "/settings/support/"])
    assert.equal((await page.goto(`${one.origin}${path}`)).status(), 403);
  await page.goto(`${one.origin}/settings/`);
  const status = await page.evaluate(async () => (await fetch("/settings/roles/reset/", { method: "POST" })).status);
  assert.equal(status, 403);
  await done();
});

test("somebody in two companies goes from one to the other", async () => {
  const { page, context, done } = await visitor();
  await signIn(page, two.origin, two.people.member);
  await menu(page);
  await page.getByRole("button", { name: one.name }).click();
  await page.waitForURL(`${one.origin}/today/`);
  await page.goto(`${one.origin}/settings/`);
  await page.getByText(one.code).first().waitFor();
  const cookies = await context.cookies([one.origin, two.origin]);
  assert.equal(cookies.filter((cookie) => cookie.name === "sindico_session").length, 2);
  // Deactivated, they have no place there any more, and no menu.
  const owner = await member("owner");
  await owner.page.goto(`${one.origin}/settings/members/`);
  await owner.page.getByRole("button", { name: `Desativar ${two.people.member}` }).click();
  await owner.page.getByText("Equipe atualizada").first().waitFor();
  await owner.done();
  assert.equal((await page.goto(`${one.origin}/today/`)).status(), 404);
  await page.goto(`${two.origin}/today/`);
  await menu(page);
  assert.equal(await page.getByRole("button", { name: one.name }).count(), 0);
  await done();
});

test("without scripts, too; and another site's way is asked about first", async () => {
  const owner = await member("owner");
  await owner.page.goto(`${one.origin}/settings/members/`);
  await owner.page.getByRole("button", { name: `Reativar ${two.people.member}` }).click();
  await owner.page.getByText("Equipe atualizada").first().waitFor();
  await owner.done();
  const { page, done } = await visitor({ javaScript: false });
  await signIn(page, two.origin, two.people.member);
  await menu(page);
  await page.getByRole("button", { name: one.name }).click();
  await page.waitForURL(`${one.origin}/today/`);

  // A way that somebody else made, opened in this browser.
  const victim = await visitor();
  const maker = await member("member", two);
  const led = await maker.page.evaluate(async (to) => {
    const answer = await fetch("/switch/", { method: "POST", body: new URLSearchParams({ to }) });
    return answer.url;
  }, String(one.id));
  await maker.done();
  const way = new URL(led).searchParams.get("way");
  assert.match(way, /^[0-9a-f]{64}$/);
  await victim.page.goto(`${one.origin}/arrive/?way=${way}`);
  await victim.page.getByText(`Você vai entrar como ${two.people.member}`).waitFor();
  await accessible(victim.page, "the question before a way");
  assert.deepEqual(await victim.context.cookies(one.origin), []);
  // Nor is it shown on by a page of ours to anybody but its user.
  await signIn(victim.page, two.origin, two.people.owner);
  assert.equal((await victim.page.goto(`${two.origin}/switch/?way=${way}`)).status(), 400);
  // Another company's host does not take it.
  assert.equal((await victim.page.goto(`${two.origin}/arrive/?way=${way}`)).status(), 400);
  await victim.page.goto(`${one.origin}/arrive/?way=${way}`);
  await victim.page.getByRole("button", { name: "Entrar" }).click();
  await victim.page.waitForURL(`${one.origin}/today/`);
  assert.equal((await victim.page.goto(`${one.origin}/arrive/?way=${way}`)).status(), 400);
  await victim.done();
  await done();
});

test("a permission that is taken away is taken away, marked, and given back", async () => {
  const { page, done } = await member("owner");
  await page.goto(`${one.origin}/settings/roles/`);
  const box = page.getByLabel("Membro: Ver Leads");
  assert.equal(await box.isChecked(), true);
  await box.uncheck();
  await page.getByRole("button", { name: "Salvar" }).click();
  await page.getByText("Permissões salvas").first().waitFor();
  await page.locator("#cell-leads-GET", { hasText: "alterado" }).waitFor();
  const other = await member("manager");
  const seller = await visitor();
  await seller.page.goto(`${one.origin}/sign-in/`);
  await signIn(seller.page, one.origin, two.people.member);
  assert.equal(await other.page.locator("#side #nav-leads").count(), 1);
  // Managers still see them; the seller's rights follow the role MANAGER here.
  await other.done();
  await seller.done();
  // Nobody at all may not be left.
  for (const role of ["Gerente", "Proprietário"]) await page.getByLabel(`${role}: Ver Leads`).uncheck();
  await page.getByRole("button", { name: "Salvar" }).click();
  await page.getByText("Leads, Ver: marque pelo menos um papel").waitFor();
  await page.getByRole("button", { name: "Voltar ao padrão" }).click();
  await page.getByText("As permissões voltaram ao padrão").first().waitFor();
  assert.equal(await page.getByLabel("Membro: Ver Leads").isChecked(), true);
  await done();
});

test("what a role may not do is not offered, and refused", async () => {
  const owner = await member("owner", two);
  await owner.page.goto(`${two.origin}/settings/roles/`);
  await owner.page.getByLabel("Gerente: Ver Leads").uncheck();
  await owner.page.getByRole("button", { name: "Salvar" }).click();
  await owner.page.getByText("Permissões salvas").first().waitFor();
  const manager = await member("manager", two);
  assert.equal(await manager.page.locator("#side #nav-leads").count(), 0);
  assert.equal(await manager.page.locator("#side #nav-customers").count(), 1);
  const status = await manager.page.evaluate(async () => (await fetch("/api/leads/")).status);
  assert.equal(status, 403);
  await owner.page.getByRole("button", { name: "Voltar ao padrão" }).click();
  await owner.page.getByText("As permissões voltaram ao padrão").first().waitFor();
  await manager.page.reload();
  assert.equal(await manager.page.locator("#side #nav-leads").count(), 1);
  await manager.done();
  await owner.done();
});

test("a field that is kept from a role is nowhere for them, and read alone where that is said", async () => {
  const owner = await member("owner", two);
  const say = async (access) => {
    await owner.page.goto(`${two.origin}/settings/roles/`);
    await owner.page.locator("#cell-leads-fields summary").click();
    await owner.page.locator('[name="leads.FIELDS.MANAGER.budget"]').selectOption(access);
    await owner.page.getByRole("button", { name: "Salvar" }).click();
    await owner.page.getByText("Permissões salvas").first().waitFor();
    assert.match(await owner.page.locator("#cell-leads-fields summary").innerText(), /1/);
  };
  const lead = { source: "site", name: "Lead do orçamento", budget: "48151.62" };
  const made = (await api(owner.page, "POST", "/api/leads/", lead)).json;
  await say("NONE");
  const { page, done } = await member("manager", two);
  const record = `${two.origin}/leads/${made.id}/`;
  const looks = async () => {
    await page.goto(`${two.origin}/leads/`);
    const heads = await page.locator("thead").first().innerText();
    await page.goto(`${two.origin}/leads/adjust/`);
    const columns = await page.locator('[name="c.budget"]').count();
    const conditions = await page.locator('[name="new"] option[value="budget"]').count();
    await page.goto(record);
    const told = (await page.locator("main").innerText()).includes("48.151,62");
    await page.goto(`${record}edit/`);
    return [/orçamento/i.test(heads), columns, conditions, told, await page.locator('[name="budget"]').count()];
  };
  assert.deepEqual(await looks(), [false, 0, 0, false, 0]);
  await page.locator('[name="company"]').fill("Casa do Orçamento");
  await page.getByRole("button", { name: "Salvar" }).first().click();
  await page.waitForURL(record);
  await say("READ");
  assert.deepEqual(await looks(), [true, 1, 1, true, 0]);
  await owner.page.getByRole("button", { name: "Voltar ao padrão" }).click();
  await owner.page.getByText("As permissões voltaram ao padrão").first().waitFor();
  assert.deepEqual(await looks(), [true, 1, 1, true, 1]);
  await done();
  await owner.done();
});

test("permissions that somebody else has changed meanwhile are not overwritten", async () => {
  const first = await member("owner");
  const second = await member("owner");
  for (const visit of [first, second]) await visit.page.goto(`${one.origin}/settings/roles/`);
  await first.page.getByLabel("Membro: Criar Clientes").check();
  await first.page.getByRole("button", { name: "Salvar" }).click();
  await first.page.getByText("Permissões salvas").first().waitFor();
  await second.page.getByLabel("Membro: Criar Leads").check();
  await second.page.getByRole("button", { name: "Salvar" }).click();
  await second.page.getByText("mudadas por outra pessoa").waitFor();
  assert.equal(await second.page.getByLabel("Membro: Criar Clientes").isChecked(), true);
  await second.page.getByRole("button", { name: "Voltar ao padrão" }).click();
  await second.page.getByText("voltaram ao padrão").first().waitFor();
  await first.done();
  await second.done();
});

test("support enters with a reason, under a banner, and both names stand in the history", async () => {
  const { page, done } = await admin();
  await page.goto(`${world.console}/platform/tenants/${one.id}/enter/`);
  await accessible(page, "entering a tenant");
  await page.evaluate(() => (document.querySelector('form[action$="/enter/"]').noValidate = true));
  await submit(page, `/platform/tenants/${one.id}/enter/`);
  await page.getByText("Preencha este campo").first().waitFor();
  await page.locator('[name="reason"]').fill("chamado 42");
  await page.getByLabel("A pedido de").selectOption({ label: one.people.owner });
  await page.getByLabel("1 hora").check();
  await submit(page, `/platform/tenants/${one.id}/enter/`);
  await page.waitForURL(`${one.origin}/today/`);
  await page.locator(".banner", { hasText: "chamado 42" }).waitFor();
  assert.match(await page.locator(".banner").innerText(), new RegExp(`console\\.admin, a pedido de ${one.people.owner}.*60 min`, "s"));
  await accessible(page, "a visit of support");
  // What is changed meanwhile tells both.
  await page.goto(`${one.origin}/settings/roles/`);
  await page.getByLabel("Membro: Criar Clientes").check();
  await page.getByRole("button", { name: "Salvar" }).click();
  await page.getByText("Permissões salvas").first().waitFor();
  await page.getByRole("button", { name: "Voltar ao padrão" }).click();
  await page.getByText("voltaram ao padrão").first().waitFor();
  await page.goto(`${one.origin}/customers/new/`);
  await page.locator('[name="name"]').fill("Cliente do suporte");
  await page.locator('[name="email"]').fill("suporte@example.com");
  await page.getByRole("button", { name: "Salvar" }).first().click();
  await page.waitForURL(/\/customers\/\d+\/$/);
  const changes = await page.evaluate(async () => (await fetch("/api/changes/?limit=1")).json());
  assert.equal(changes[0].username, "console.admin");
  assert.equal(changes[0].support.behalf_of, one.people.owner);
  assert.equal(changes[0].support.reason, "chamado 42");

  const owner = await member("owner");
  await owner.page.goto(`${one.origin}/settings/support/`);
  await owner.page.getByText("Aqui agora").waitFor();
  await owner.page.getByText("chamado 42").first().waitFor();
  await owner.page.goto(`${one.origin}/settings/audit/`);
  await owner.page.getByText(`console.admin (suporte, a pedido de ${one.people.owner})`).first().waitFor();
  await owner.page.getByText("Abriu um acesso de suporte: chamado 42").waitFor();
  await owner.page.goto(`${one.origin}/changes/`);
  await owner.page.getByText(`console.admin (suporte, a pedido de ${one.people.owner})`).first().waitFor();
  await owner.page.getByText("chamado 42").first().waitFor();

  // The visit's session is its own: it ends with the visit, for the API as well.
  const cookies = await page.context().cookies(one.origin);
  await page.getByRole("button", { name: "Encerrar acesso" }).click();
  await page.getByText("Acesso encerrado").first().waitFor();
  await page.context().addCookies(cookies);
  assert.equal(await page.evaluate(async () => (await fetch("/api/customers/")).status), 401);
  await page.context().clearCookies({ domain: new URL(one.origin).hostname });
  await accessible(page, "after a visit");
  await owner.page.goto(`${one.origin}/settings/support/`);
  await owner.page.getByText("Encerrado").first().waitFor();
  assert.equal(await owner.page.getByText("Aqui agora").count(), 0);
  await owner.done();
  await page.getByRole("link", { name: "Voltar ao console" }).click();
  await page.waitForURL(new RegExp(`^${world.console}/platform/`));
  await done();
});

test("a superuser who is a member has a banner during a visit, and none otherwise", async () => {
  const owner = await member("owner");
  await owner.page.goto(`${one.origin}/settings/members/`);
  await owner.page.locator('[name="username"]').fill("console.admin");
  await submit(owner.page, "/settings/members/");
  await owner.page.getByText("Pessoa adicionada").first().waitFor();
  const { page, done } = await visitor();
  await signIn(page, one.origin, "console.admin");
  assert.equal(await page.locator(".banner").count(), 0);
  await done();
  const boss = await admin();
  await boss.page.goto(`${world.console}/platform/tenants/${one.id}/enter/`);
  await boss.page.locator('[name="reason"]').fill("chamado 43");
  await submit(boss.page, `/platform/tenants/${one.id}/enter/`);
  await boss.page.waitForURL(`${one.origin}/today/`);
  await boss.page.locator(".banner", { hasText: "chamado 43" }).waitFor();
  await boss.page.goto(`${one.origin}/account/`);
  await boss.page.locator(".banner", { hasText: "chamado 43" }).waitFor();
  await boss.page.getByRole("button", { name: "Encerrar acesso" }).click();
  await boss.page.getByText("Acesso encerrado").first().waitFor();
  await boss.done();
  await owner.page.goto(`${one.origin}/settings/members/`);
  await owner.page.getByRole("button", { name: "Desativar console.admin" }).click();
  await owner.page.getByText("Equipe atualizada").first().waitFor();
  await owner.done();
});

test("without a visit no page of a tenant is shown to a superuser, and the API passes", async () => {
  const { page, done } = await visitor();
  await page.goto(`${two.origin}/sign-in/`);
  await page.locator("#username").fill("console.admin");
  await page.locator("#password").fill(world.password);
  await submit(page, "/sign-in/");
  await page.getByRole("heading", { name: "Entre pelo console" }).waitFor();
  assert.equal((await page.goto(`${two.origin}/settings/`)).status(), 403);
  await accessible(page, "no visit");
  const status = await page.evaluate(async () => (await fetch("/api/customers/")).status);
  assert.equal(status, 200);
  const link = await page.getByRole("link", { name: "Abrir o acesso no console" }).getAttribute("href");
  assert.equal(link, `${world.console}/platform/tenants/${two.id}/enter/`);
  await done();
});

test("staff who are no superusers enter nothing", async () => {
  const { page, done } = await admin({}, "console.staff");
  await page.goto(`${world.console}/platform/tenants/${one.id}/enter/`);
  await page.getByText("Só superusuários").waitFor();
  const status = await page.evaluate(async (path) => {
    const body = new URLSearchParams({ reason: "x", minutes: "15" });
    return (await fetch(path, { method: "POST", body })).status;
  }, `/platform/tenants/${one.id}/enter/`);
  assert.equal(status, 403);
  await done();
});

test("a suspended company's portal says so", async () => {
  const visit = await member("owner", two);
  const boss = await admin();
  const contract = (status) =>
    boss.page.evaluate(
      async ([path, status]) => {
        const answer = await fetch(path, {
          method: "PATCH",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ contract: { status } }),
        });
        return answer.status;
      },
      [`/platform/api/tenants/${two.id}/`, status],
    );
  for (const [status, heading] of [["SUSPENDED", "Portal suspenso"], ["CANCELED", "Contrato encerrado"]]) {
    assert.equal(await contract(status), 200);
    assert.equal((await visit.page.goto(`${two.origin}/today/`)).status(), 403);
    await visit.page.getByRole("heading", { name: heading }).waitFor();
    await accessible(visit.page, heading);
  }
  await visit.page.goto(`${two.origin}/account/`);
  await visit.page.getByText(two.people.owner).first().waitFor();
  assert.equal(await contract("ACTIVE"), 200);
  await visit.page.goto(`${two.origin}/today/`);
  assert.equal(new URL(visit.page.url()).pathname, "/today/");
  await boss.done();
  await visit.done();
});

const pages = ["/settings/", "/settings/members/", "/settings/teams/", "/settings/roles/", "/settings/pipelines/", "/settings/pipelines/1/", "/settings/pipelines/1/stages/new/", "/settings/pipelines/1/stages/2/", "/settings/custom-fields/", "/settings/custom-fields/new/", "/settings/tags/", "/settings/tags/?tag=VIP", "/settings/audit/", "/settings/support/", "/settings/webhooks/", "/settings/forms/"];
for (const language of ["pt-BR", "en"])
  for (const dark of [false, true])
    for (const viewport of [undefined, PHONE])
      test(`accessible: ${language}, ${dark ? "dark" : "light"}, ${viewport ? "phone" : "desktop"}`, async () => {
        const { page, done } = await member("owner", one, { language, dark, viewport });
        for (const path of pages) {
          await page.goto(`${one.origin}${path}`);
          await accessible(page, path);
        }
        await done();
      });
