import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { PHONE, accessible, admin, world } from "./support.mjs";

const [one] = world.tenants;
const XSS = "<img src=x onerror=alert(1)>";

test("a user is created without a password, and gets a link to choose one", async () => {
  const { page, origin, done } = await admin();
  await page.goto(`${origin}/platform/users/new/`);
  await page.locator("#f-username").fill("maria souza");
  await page.locator("#f-email").fill("maria@example.com");
  await page.locator("#f-is_staff").check();
  await page.getByRole("button", { name: "Criar usuário" }).click();
  await page.locator("#f-username-error").waitFor();
  assert.equal(await page.locator("#f-email").inputValue(), "maria@example.com");
  assert.equal(await page.locator("#f-is_staff").isChecked(), true);
  await page.locator("#f-username").fill("maria.souza");
  await page.getByRole("button", { name: "Criar usuário" }).click();
  await page.waitForURL(/\/platform\/users\/\d+\/$/);
  assert.equal(await page.locator("h1").innerText(), "maria.souza");
  let mail = "";
  for (let wait = 0; wait < 50 && !mail; wait++) {
    mail = readdirSync(world.mails).map((name) => readFileSync(`${world.mails}/${name}`, "utf8")).find((text) => text.includes("maria@example.com")) ?? "";
    if (!mail) await page.waitForTimeout(100);
  }
  assert.match(mail, /password-reset\/\?token=/);
  // Deactivated by the name, and back.
  await page.locator("#f-is_active").fill("maria.souza");
  await page.getByRole("button", { name: "Desativar a conta" }).click();
  await page.getByText("Desativado").first().waitFor();
  await page.getByRole("button", { name: "Reativar a conta" }).click();
  await page.getByRole("button", { name: "Desativar a conta" }).waitFor();
  await done();
});

test("nobody takes away their own rights, nor the last superuser's", async () => {
  const { page, origin, done } = await admin();
  await page.goto(`${origin}/platform/users/?q=console.admin`);
  await page.locator("tbody .row-link").first().click();
  await page.waitForURL(/\/platform\/users\/\d+\/$/);
  await page.locator("#f-is_superuser").uncheck();
  await page.getByRole("button", { name: "Salvar" }).click();
  await page.locator("#f-is_superuser-error").waitFor();
  await page.locator("#f-is_active").fill("console.admin");
  await page.getByRole("button", { name: "Desativar a conta" }).click();
  await page.locator("#f-is_active-error").waitFor();
  await page.reload();
  assert.equal(await page.locator("#f-is_superuser").isChecked(), true);
  await done();
});

test("staff who are no superusers see all, and change neither accounts nor members", async () => {
  const { page, origin, done } = await admin({}, "console.staff");
  await page.goto(`${origin}/platform/tenants/${one.id}/members/`);
  assert.equal(await page.locator("#f-username").count(), 0);
  assert.equal(await page.locator("tbody form").count(), 0);
  assert.equal(await page.getByRole("link", { name: "Entrar como suporte" }).count(), 0);
  await page.goto(`${origin}/platform/users/`);
  assert.equal(await page.getByRole("link", { name: "Novo usuário" }).count(), 0);
  await page.locator("tbody .row-link").first().click();
  await page.waitForURL(/\/platform\/users\/\d+\/$/);
  assert.equal(await page.locator("main form").count(), 0);
  // What is not offered is refused as well.
  const path = new URL(page.url()).pathname;
  const proof = await page.locator('meta[name="csrf-token"]').getAttribute("content");
  const form = { csrf_token: proof, is_superuser: "true" };
  const headers = { Origin: origin };
  for (const target of [path, `${path}reset/`, "/platform/users/new/", `/platform/tenants/${one.id}/members/`]) {
    const sent = target.includes("new") ? { ...form, username: "x", email: "x@example.com", password: "a good long one" } : { ...form, username: "console.staff" };
    const answer = await page.request.post(origin + target, { form: sent, headers, maxRedirects: 0 });
    assert.equal(answer.status(), 403, target);
  }
  await done();
});

test("without scripts everything is done by links and forms", async () => {
  const { page, origin, done } = await admin({ javaScript: false });
  await page.goto(`${origin}/platform/`);
  await page.getByRole("link", { name: "Nova empresa" }).first().click();
  await page.locator("#f-name").fill("Sem Script");
  await page.locator("#f-tenant_code").fill("sem-script");
  await page.locator("#f-subdomain").fill("sem-script");
  await page.locator("button[name=then][value=provision]").click();
  await page.waitForURL(/\/platform\/tenants\/\d+\/$/);
  for (let tries = 0; tries < 40 && !(await page.locator("#tenant-state").innerText()).includes("Pronta"); tries++) {
    await page.waitForTimeout(300);
    await page.reload();
  }
  assert.match(await page.locator("#tenant-state").innerText(), /Pronta/);
  await page.goto(`${origin}/platform/tenants/`);
  await page.locator("#f-q").fill("sem script");
  await page.getByRole("button", { name: "Aplicar" }).click();
  await page.waitForURL(/q=sem/);
  assert.equal(await page.locator("tbody tr").count(), 1);
  await done();
});

test("by keyboard alone", async () => {
  const { page, origin, done } = await admin({ language: "en" });
  await page.goto(`${origin}/platform/`);
  // The palette finds a tenant by its name.
  await page.keyboard.press("Control+k");
  await page.locator("#palette[open]").waitFor();
  await page.keyboard.type(one.name);
  await page.locator("#palette-list [role=option]", { hasText: one.name }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(`${origin}/platform/tenants/${one.id}/`);
  // Its tabs and forms are reached by Tab, and the form is sent by Enter.
  await page.goto(`${origin}/platform/tenants/new/`);
  await page.locator("#f-name:focus").waitFor();
  await page.keyboard.type("By Keyboard");
  await page.keyboard.press("Tab");
  await page.keyboard.type("by-keyboard");
  await page.keyboard.press("Tab");
  await page.keyboard.type("by-keyboard");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/platform\/tenants\/\d+\/$/);
  assert.equal(await page.locator("h1").innerText(), "By Keyboard");
  await done();
});

/** Every page of the console that only shows something. */
const PATHS = (id) => [
  "/platform/", "/platform/search/?q=a", "/platform/tenants/", "/platform/tenants/?q=zzz", "/platform/tenants/new/",
  `/platform/tenants/${id}/`, `/platform/tenants/${id}/edit/`, `/platform/tenants/${id}/place/`, `/platform/tenants/${id}/state/`,
  `/platform/tenants/${id}/members/`, `/platform/tenants/${id}/domains/`, `/platform/tenants/${id}/operations/`, `/platform/tenants/${id}/audit/`,
  "/platform/operations/", "/platform/operations/1/", "/platform/audit/", "/platform/users/", "/platform/users/1/", "/platform/users/new/",
  "/platform/servers/", "/platform/fleet/", "/platform/settings/",
];

test("a name that would be a script is a name on every page", async () => {
  const { page, origin, done } = await admin();
  await page.goto(`${origin}/platform/tenants/new/`);
  await page.locator("#f-name").fill(XSS);
  await page.locator("#f-tenant_code").fill("xss");
  await page.locator("#f-subdomain").fill("xss");
  await page.locator('[id="f-contract.notes"]').fill(XSS);
  await page.locator("button[name=then][value=create]").click();
  await page.waitForURL(/\/platform\/tenants\/\d+\/$/);
  assert.equal(await page.locator("h1").innerText(), XSS);
  const id = Number(new URL(page.url()).pathname.split("/")[3]);
  for (const path of [...PATHS(id), `/platform/tenants/?q=${encodeURIComponent(XSS)}`, `/platform/search/?q=${encodeURIComponent(XSS)}`, `/platform/audit/?actor=${encodeURIComponent(XSS)}`]) {
    await page.goto(origin + path);
    assert.equal(await page.locator("img").count(), 0, path);
  }
  // Also where a script puts it: the palette.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("onerror");
  await page.locator("#palette-list [role=option]", { hasText: XSS }).first().waitFor();
  assert.equal(await page.locator("img").count(), 0);
  await page.keyboard.press("Escape");
  await done();
});

test("the audit is filtered by person and day", async () => {
  const { page, origin, done } = await admin();
  await page.goto(`${origin}/platform/audit/`);
  await page.locator("#f-actor").fill("console.admin");
  await page.waitForURL(/actor=console.admin/);
  await page.locator(".timeline-entry").first().waitFor();
  const who = await page.locator(".timeline-entry strong").allInnerTexts();
  assert.ok(who.every((name) => name === "console.admin"), who.join());
  await page.goto(`${origin}/platform/audit/?until=2001-01-01`);
  await page.locator(".empty").waitFor();
  // By what was done, and by the tenant's name or its code.
  await page.goto(`${origin}/platform/audit/`);
  await page.locator("#f-action").selectOption({ label: "Adicionou um membro" });
  await page.waitForURL(/action=member.add/);
  for (const entry of await page.locator(".timeline-entry").allInnerTexts()) assert.match(entry, /adicionou um membro/);
  for (const typed of [one.code, one.name]) {
    await page.goto(`${origin}/platform/audit/?action=tenant.create&tenant=${encodeURIComponent(typed)}`);
    assert.equal(await page.locator(".timeline-entry").count(), 1, typed);
    await page.goto(`${origin}/platform/operations/?tenant=${encodeURIComponent(typed)}`);
    const codes = await page.locator('td[data-label="Empresa"]').allInnerTexts();
    assert.ok(codes.length > 0 && codes.every((code) => code === one.code), codes.join());
  }
  await page.goto(`${origin}/platform/operations/?tenant=ninguem`);
  await page.getByText("Nenhuma empresa tem este código ou nome").waitFor();
  await done();
});

test("secrets are in no page of the settings", async () => {
  const { page, origin, done } = await admin();
  await page.goto(`${origin}/platform/settings/`);
  const row = page.locator("tbody tr", { hasText: "SECRET_KEY" }).first();
  assert.match(await row.innerText(), /não mostrado/);
  await done();
});

for (const language of ["pt-BR", "en"])
  for (const dark of [false, true])
    for (const viewport of [undefined, PHONE])
      test(`accessible: ${language}, ${dark ? "dark" : "light"}, ${viewport ? "phone" : "desktop"}`, async () => {
        const { page, origin, done } = await admin({ language, dark, viewport });
        for (const path of PATHS(one.id)) {
          const answer = await page.goto(origin + path);
          assert.equal(answer.status(), 200, path);
          await accessible(page, path);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `${path} is ${wide} pixels too wide`);
        }
        await done();
      });
