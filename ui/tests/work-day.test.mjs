import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, api, member, world } from "./support.mjs";

const [one, two] = world.tenants;

const iso = (milliseconds) => new Date(Date.now() + milliseconds).toISOString();
const HOUR = 3_600_000;

/** An activity of the one who looks, about some sale. */
async function activity(page, more) {
  const me = (await api(page, "GET", "/api/auth/me/")).json.id;
  const sales = await api(page, "GET", "/api/opportunities/?limit=1");
  const title = `Tarefa ${Math.random().toString(36).slice(2, 10)}`;
  const made = await api(page, "POST", "/api/activities/", { title, opportunity: sales.json[0].id, assigned_to: me, ...more });
  assert.equal(made.status, 201, JSON.stringify(made.json));
  return { ...made.json, title };
}

const toast = (page) => page.locator("#toasts .toast").last();

for (const javaScript of [true, false]) {
  test(`a call is logged, with what comes next, ${javaScript ? "by one key" : "without scripts"}`, async () => {
    const setup = await member("owner", one);
    const name = `Zilda ${Math.random().toString(36).slice(2, 8)}`;
    const lead = await api(setup.page, "POST", "/api/leads/", { source: "Feira", name });
    assert.equal(lead.status, 201);
    await setup.done();
    const { page, origin, done } = await member("owner", one, { javaScript });
    await page.goto(`${origin}/today/`);
    let form;
    if (javaScript) {
      await page.keyboard.press("c");
      form = page.locator("dialog#log-call");
      await form.waitFor();
      await form.locator('input[name="q"]').pressSequentially(name);
      await form.locator('input[name="about"]').first().waitFor();
    } else {
      await page.getByRole("link", { name: "Registrar ligação" }).click();
      form = page.locator("#log-form");
      await form.locator('input[name="outcome"]').fill("Pediu retorno");
      await form.locator('input[name="q"]').fill(name);
      await form.getByRole("button", { name: "Buscar" }).click();
      form = page.locator("#log-form");
      await form.locator('input[name="about"]').first().waitFor();
      assert.equal(await form.locator('input[name="outcome"]').inputValue(), "Pediu retorno", "what was typed is kept");
    }
    assert.match(await form.locator(".log-choice").first().innerText(), new RegExp(name));
    await form.locator('input[name="outcome"]').fill("Pediu retorno");
    await form.locator('input[name="duration_minutes"]').fill("7");
    await form.locator('textarea[name="note"]').fill("Quer provar o pão");
    await form.locator('input[name="next_title"]').fill(`Ligar para ${name}`);
    const tomorrow = new Date(Date.now() + 24 * HOUR - 3 * HOUR).toISOString().slice(0, 11);
    await form.locator('input[name="next_due"]').fill(`${tomorrow}10:30`);
    await form.getByRole("button", { name: "Registrar" }).click();
    await page.waitForURL(`${origin}/today/`);
    await page.getByRole("link", { name: `Ligar para ${name}` }).first().waitFor();
    await done();
    const look = await member("owner", one);
    const history = await api(look.page, "GET", `/api/leads/${lead.json.id}/history/`);
    const call = history.json.activities.find((one) => one.kind === "CALL");
    assert.deepEqual([call.status, call.outcome, call.duration_minutes, call.description], ["DONE", "Pediu retorno", 7, "Quer provar o pão"]);
    const next = history.json.activities.find((one) => one.kind === "FOLLOW_UP");
    assert.equal(next.status, "PENDING");
    assert.match(next.due_at, /T13:30:00Z$/, "half past ten, where the people are");
    const [set] = (await api(look.page, "GET", `/api/activities/${call.id}/timeline/`)).json;
    assert.equal((await api(look.page, "GET", `/api/changes/${set.change_set}/`)).json.length, 2, "one change set");
    await look.done();
  });
}

test("a log without a lead or a sale says what is missing, and keeps the rest", async () => {
  const { page, origin, done } = await member("owner", one);
  await page.goto(`${origin}/activities/log/?kind=WHATSAPP`);
  assert.equal(await page.locator('input[name="kind"]:checked').inputValue(), "WHATSAPP");
  await page.locator('textarea[name="note"]').fill("Mandou foto");
  await page.locator('input[name="next_title"]').fill("Responder");
  await page.getByRole("button", { name: "Registrar" }).click();
  await page.getByRole("alert").waitFor();
  assert.match(await page.getByRole("alert").innerText(), /Escolha um lead/);
  assert.equal(await page.locator('textarea[name="note"]').inputValue(), "Mandou foto");
  await done();
});

test("a reminder is put off, dismissed and done", async () => {
  const { page, origin, done } = await member("owner", one);
  const { id, title } = await activity(page, { reminder_at: iso(-HOUR / 2), due_at: iso(5 * HOUR) });
  await page.goto(`${origin}/today/`);
  const reminder = page.locator(`#reminder-${id}`);
  assert.match(await reminder.innerText(), new RegExp(title));
  await reminder.getByRole("button", { name: "Adiar 1 hora" }).click();
  await toast(page).waitFor();
  await reminder.waitFor({ state: "detached" });
  let now = (await api(page, "GET", `/api/activities/${id}/`)).json;
  const hours = (Date.parse(now.reminder_at) - Date.now()) / HOUR;
  assert.ok(hours > 0.95 && hours < 1.05, now.reminder_at);
  assert.ok(Date.parse(now.due_at) > Date.now() + 4 * HOUR, "what is due later stays");

  const late = await activity(page, { reminder_at: iso(-HOUR), due_at: iso(-HOUR / 2) });
  await page.goto(`${origin}/today/`);
  await page.locator(`#reminder-${late.id}`).getByRole("button", { name: "Adiar para amanhã" }).click();
  await page.locator(`#reminder-${late.id}`).waitFor({ state: "detached" });
  now = (await api(page, "GET", `/api/activities/${late.id}/`)).json;
  assert.match(now.reminder_at, /T12:00:00Z$/, "nine in the morning, where the people are");
  assert.equal(now.due_at, now.reminder_at, "what was overdue is put off with it");

  const other = await activity(page, { reminder_at: iso(-HOUR), due_at: iso(3 * HOUR) });
  await page.goto(`${origin}/today/`);
  await page.locator(`#reminder-${other.id}`).getByRole("button", { name: "Dispensar lembrete" }).click();
  await page.locator(`#reminder-${other.id}`).waitFor({ state: "detached" });
  now = (await api(page, "GET", `/api/activities/${other.id}/`)).json;
  assert.deepEqual([now.status, now.reminder_sent], ["PENDING", true]);
  await done();
});

for (const javaScript of [true, false]) {
  test(`an activity is completed on my day, ${javaScript ? "with" : "without"} scripts`, async () => {
    const setup = await member("owner", one);
    const { id, title } = await activity(setup.page, { due_at: iso(-2 * HOUR) });
    await setup.done();
    const { page, origin, done } = await member("owner", one, { javaScript });
    await page.goto(`${origin}/today/`);
    const due = page.locator(`#due-${id}`);
    assert.match(await due.innerText(), new RegExp(title));
    await due.getByRole("button", { name: `Concluir: ${title}` }).click();
    await due.waitFor({ state: "detached" });
    assert.match(await page.locator("body").innerText(), /Atividade concluída/);
    await page.goto(`${origin}/today/`);
    assert.equal(await due.count(), 0);
    await done();
  });
}

test("what others do appears on my day", async () => {
  const { page, origin, done } = await member("owner", one);
  await page.goto(`${origin}/today/`);
  await page.waitForTimeout(700);
  const { id } = await activity(page, { due_at: iso(2 * 24 * HOUR) });
  await page.locator(`#due-${id}`).waitFor({ timeout: 3_000 });
  await done();
});

test("a lead of nobody's is taken", async () => {
  const { page, origin, done } = await member("owner", one);
  const name = `Nilo ${Math.random().toString(36).slice(2, 8)}`;
  const made = await api(page, "POST", "/api/leads/", { source: "Feira", name, owner: null });
  assert.equal(made.status, 201);
  await page.goto(`${origin}/today/`);
  await page.getByRole("button", { name: `Assumir: ${name}` }).click();
  await toast(page).waitFor();
  const lead = (await api(page, "GET", `/api/leads/${made.json.id}/`)).json;
  assert.equal(lead.owner_username, one.people.owner);
  assert.equal(await page.getByRole("button", { name: `Assumir: ${name}` }).count(), 0);
  await done();
});

test("a member who may not write sees their day without buttons", async () => {
  const { page, origin, done } = await member("member", one);
  await page.goto(`${origin}/today/`);
  assert.match(await page.locator("h1").innerText(), /^(Bom dia|Boa tarde|Boa noite), member\./);
  assert.equal(await page.getByRole("link", { name: "Registrar ligação" }).count(), 0);
  assert.equal(await page.locator('main button[type="submit"]').count(), 0);
  assert.equal((await page.goto(`${origin}/activities/log/`)).status(), 403);
  assert.equal((await page.goto(`${origin}/sample-data/`)).status(), 403);
  await done();
});

test("the calendar goes from month to month, week to week, and person to person", async () => {
  const { page, origin, done } = await member("owner", one);
  const { title } = await activity(page, { due_at: iso(HOUR) });
  await page.goto(`${origin}/activities/calendar/`);
  const month = await page.locator(".calendar-head h2").innerText();
  assert.match(await page.locator(".is-today").innerText(), /\d/);
  await page.getByRole("link", { name: "Próximo mês" }).click();
  await page.waitForFunction((month) => document.querySelector(".calendar-head h2").textContent !== month, month);
  await page.getByRole("link", { name: "Hoje", exact: true }).click();
  await page.waitForFunction((month) => document.querySelector(".calendar-head h2").textContent === month, month);
  await page.getByRole("link", { name: "Semana", exact: true }).click();
  await page.waitForURL(/view=week/);
  await page.getByRole("link", { name: new RegExp(title) }).waitFor();
  await page.locator("#f-who").selectOption({ label: one.people.member });
  await page.waitForURL(/who=\d+/);
  assert.equal(await page.getByRole("link", { name: new RegExp(title) }).count(), 0);
  await page.locator(".is-today").hover();
  const link = page.locator(".is-today .calendar-number a");
  assert.match(await link.getAttribute("href"), /\/activities\/new\/\?due_at=\d{4}-\d\d-\d\dT09%3A00/);
  await done();
});

test("on a phone the calendar is a list of days", async () => {
  const { page, origin, done } = await member("owner", one, { viewport: PHONE });
  await activity(page, { due_at: iso(HOUR) });
  await page.goto(`${origin}/activities/calendar/`);
  const days = await page.locator(".calendar-day").evaluateAll((all) => all.filter((day) => day.checkVisibility()).map((day) => day.className));
  assert.ok(days.length >= 1 && days.every((name) => !name.includes("is-empty") || name.includes("is-today")), days.join());
  await done();
});

test("metrics follow the period and the member", async () => {
  const { page, origin, done } = await member("owner", one);
  await page.goto(`${origin}/metrics/?period=all`);
  const table = page.locator(".chart").first();
  await table.locator("summary").click();
  const rows = await table.locator("tbody tr").allInnerTexts();
  assert.equal(rows.length, 5, "a table beside the drawing");
  const total = async () => {
    const cells = await page.locator(".chart").first().locator("tbody td").allInnerTexts();
    return cells.map((text) => Number.parseInt(text.replace(/\D*(\d+).*/s, "$1"), 10)).reduce((a, b) => a + b, 0);
  };
  const api_total = async (query) => {
    const { json } = await api(page, "GET", `/api/sales/metrics/${query}`);
    return Object.values(json.opportunity_funnel).reduce((a, b) => a + b, 0);
  };
  assert.equal(await total(), await api_total(""));
  const me = (await api(page, "GET", "/api/auth/me/")).json.id;
  await page.locator("#f-assigned_to").selectOption(String(me));
  await page.waitForURL(/assigned_to=/);
  await page.locator(".chart").first().locator("summary").click();
  assert.equal(await total(), await api_total(`?assigned_to=${me}`));
  await page.getByRole("link", { name: "Mês passado" }).click();
  await page.waitForURL(/period=last-month/);
  assert.match(page.url(), new RegExp(`assigned_to=${me}`), "the member stays");
  assert.equal((await page.goto(`${origin}/metrics/?from=2026-02-01&to=2026-01-01`)).status(), 400);
  await done();
});

test("goals are shown against what was won", async () => {
  const { page, origin, done } = await member("owner", two);
  await page.goto(`${origin}/goals/board/?year=2031&month=3`);
  assert.match(await page.locator("main").innerText(), /Nenhuma meta para este mês/);
  const made = await api(page, "POST", "/api/sales-goals/", { year: 2031, month: 3, amount: "50000.00" });
  assert.equal(made.status, 201);
  await page.getByRole("progressbar", { name: "Empresa" }).waitFor({ timeout: 3_000 });
  assert.match(await page.locator("main").innerText(), /R\$\s0,00 de R\$\s50\.000,00/);
  await done();
});

test("sample data go, come back by undoing, and are made anew", async () => {
  const { page, origin, done } = await member("owner", two);
  const own = await api(page, "POST", "/api/leads/", { source: "Feira", name: "Lead de verdade" });
  assert.equal(own.status, 201);
  await page.goto(`${origin}/today/`);
  await page.getByRole("link", { name: "Remover os dados de exemplo" }).click();
  await page.waitForURL(`${origin}/sample-data/`);
  assert.match(await page.locator("main").innerText(), /60\s+Clientes/);
  await page.getByRole("button", { name: "Sim, remover" }).click();
  await page.waitForURL(`${origin}/today/`);
  const leads = async () => (await api(page, "GET", "/api/leads/?limit=500")).json.map((lead) => lead.name);
  assert.deepEqual(await leads(), ["Lead de verdade"], "exactly those");
  assert.equal((await api(page, "GET", "/api/customers/")).json.length, 0);
  const changes = (await api(page, "GET", "/api/changes/?limit=1")).json;
  assert.equal(changes[0].action, "sample.remove");
  assert.equal((await api(page, "POST", `/api/changes/${changes[0].change_set}/undo/`, {})).status, 200);
  assert.equal((await api(page, "GET", "/api/customers/?limit=500")).json.length, 60);
  await page.goto(`${origin}/sample-data/`);
  await page.getByRole("button", { name: "Sim, remover" }).click();
  await page.waitForURL(`${origin}/today/`);
  await page.goto(`${origin}/sample-data/`);
  await page.getByRole("button", { name: "Sim, preencher" }).click();
  await page.waitForURL(`${origin}/today/`);
  assert.equal((await api(page, "GET", "/api/customers/?limit=500")).json.length, 12);
  await done();
});
