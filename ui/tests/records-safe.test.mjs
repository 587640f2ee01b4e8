// Records without scripts, and with text that would like to be one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { post, proof, send } from "./hand.mjs";
import { member, world } from "./support.mjs";

const [one, two] = world.tenants;
const EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>";

test("without scripts a record is made, edited, acted on, deleted and brought back", async () => {
  const { page, origin, done } = await member("owner", two, { javaScript: false });
  const name = `Sem script ${Date.now()}`;
  await page.goto(`${origin}/leads/new/`);
  await page.locator("#f-source").fill("Site");
  await page.locator("#f-name").fill(name);
  await page.locator("#f-email").fill(`sem.${Date.now()}@example.com`);
  await page.locator("#record-form .button-primary").click();
  await page.waitForURL(/\/leads\/\d+\/$/);
  const url = page.url();
  assert.match(await page.locator("body").innerText(), /Criado/);

  // One field: the pencil is a link to a page of its own.
  await page.locator("#edit-score-show").click();
  await page.waitForURL(/\/field\/score\/$/);
  await page.locator("#f-score").fill("101");
  await page.locator("main .button-primary").click();
  await page.locator("#f-score-error").waitFor();
  await page.locator("#f-score").fill("80");
  await page.locator("main .button-primary").click();
  await page.waitForURL(url);
  assert.match(await page.locator("#edit-score-show").innerText(), /80/);

  await page.getByRole("button", { name: "Qualificar", exact: true }).click();
  await page.waitForURL(url);
  // The dialog's button is a link to its page.
  await page.locator('.page-actions a[href$="/convert/"]').click();
  await page.waitForURL(/\/convert\/$/);
  await page.locator("#f-title").fill("Venda sem script");
  await page.locator("main .button-primary").click();
  await page.waitForURL(/\/opportunities\/\d+\/$/);
  // The message without scripts has its way back as well.
  await page.locator('noscript form button, .notice form[action*="/undo/"] button').first().click();
  await page.waitForURL(url);

  await page.locator(".page-actions summary").click();
  await page.getByRole("button", { name: "Excluir" }).click();
  await page.waitForURL(`${origin}/leads/`);
  await page.goto(`${origin}/bin/`);
  // The customer that the conversion had made is there as well, under the same name.
  await page.locator("tbody tr", { hasText: "Lead" }).getByRole("button", { name: `Restaurar: ${name}` }).click();
  await page.waitForURL(`${origin}/bin/`);
  assert.equal((await page.goto(url)).status(), 200);
  await done();
});

test("without scripts a list is filtered and rows of a form come and go", async () => {
  const { page, origin, done } = await member("manager", one, { javaScript: false });
  await page.goto(`${origin}/leads/`);
  await page.locator("#filter-status").selectOption("NEW");
  await page.getByRole("button", { name: "Aplicar" }).click();
  await page.waitForURL(/status=NEW/);
  await page.goto(`${origin}/customers/new/`);
  await page.locator("#f-contacts-0-value").fill("a@example.com");
  await page.getByRole("button", { name: "Adicionar contato" }).click();
  await page.locator("#f-contacts-1-value").waitFor();
  assert.equal(await page.locator("#f-contacts-0-value").inputValue(), "a@example.com");
  await done();
});

/** Every text of every kind, made by the API: pages have to show it, whoever wrote it. */
async function evil(context, origin, token) {
  const make = async (path, json) => {
    const answer = await send(context, `${origin}${path}`, { method: "POST", json, headers: { "x-csrf-token": token } });
    assert.equal(answer.status, 201, `${path}: ${answer.text}`);
    return JSON.parse(answer.text).id;
  };
  const short = EVIL.slice(0, 50);
  const customer = await make("/api/customers/", {
    name: EVIL, email: `x.${Date.now()}@example.com`, phone: "<b>1</b>", notes: EVIL, tags: ["<i>x</i>"], document: "<u>9</u>",
    addresses: [{ label: EVIL, street: EVIL, city: EVIL }], contacts: [{ kind: "PHONE", value: EVIL, label: short }],
  });
  const lead = await make("/api/leads/", {
    source: EVIL.slice(0, 100), name: EVIL, company: EVIL, notes: EVIL, phone: "<b>2</b>", tags: ["<i>y</i>"], customer,
    disqualification_reason: EVIL,
  });
  const opportunity = await make("/api/opportunities/", {
    customer, source_lead: lead, title: EVIL, next_step: EVIL, loss_reason: EVIL, notes: EVIL, tags: ["<i>z</i>"],
  });
  const activity = await make("/api/activities/", { title: EVIL, description: EVIL, outcome: EVIL, lead, opportunity });
  const goal = await make("/api/sales-goals/", { year: 2090, month: 1 + (Date.now() % 12), amount: "1", notes: EVIL });
  return { customers: customer, leads: lead, opportunities: opportunity, activities: activity, goals: goal };
}

test("text that would be a script stays text, on every page", async () => {
  const { page, context, origin, faults, done } = await member("owner");
  await page.goto(`${origin}/customers/`);
  const token = await proof(page);
  const made = await evil(context, origin, token);
  // Some of its history, too.
  for (const notes of [`${EVIL}1`, `${EVIL}2`]) {
    const answer = await send(context, `${origin}/api/customers/${made.customers}/`, { method: "PATCH", json: { notes }, headers: { "x-csrf-token": token } });
    assert.equal(answer.status, 200);
  }
  const q = encodeURIComponent("<img src=x");
  const paths = [
    "/customers/", "/leads/", "/opportunities/list/", "/activities/?sort=-id", "/goals/", "/changes/", `/search/?q=${q}`,
    `/search/?q=${encodeURIComponent("\"><script>alert(3)</script>")}`, `/customers/?q=${encodeURIComponent(EVIL)}`,
    `/search/?fragment=palette&q=${q}`, `/search/?fragment=options&kind=customer&q=${q}`,
    `/customers/?sort=${q}&owner=${q}&tags=${encodeURIComponent(EVIL.slice(0, 40))}`, `/changes/?kind=${q}&user=${q}`,
    `/opportunities/new/?customer=${made.customers}&title=${encodeURIComponent(EVIL)}&next=${encodeURIComponent("//evil.example/")}`,
    `/leads/?customer=${made.customers}`,
    `/leads/${made.leads}/disqualify/`, `/opportunities/${made.opportunities}/stage/`, `/activities/${made.activities}/complete/`,
    `/customers/${made.customers}/field/notes/`,
  ];
  for (const [kind, id] of Object.entries(made)) paths.push(`/${kind}/${id}/`, `/${kind}/${id}/edit/`);
  for (const path of paths) {
    const answer = await page.goto(`${origin}${path}`);
    assert.ok(answer.status() < 500, `${path}: ${answer.status()}`);
    assert.equal(await page.locator("img").count(), 0, `${path}: an image`);
    assert.equal(await page.locator("i, u, b").count(), 0, `${path}: markup`);
    const scripts = await page.locator("script:not([src])").count();
    assert.equal(scripts, 0, `${path}: a script`);
    assert.deepEqual(faults, [], path);
  }
  await page.goto(`${origin}/customers/${made.customers}/`);
  const at = await page.locator('a[href*="?at="]').first().getAttribute("href");
  await page.goto(`${origin}${at}`);
  assert.equal(await page.locator("img").count(), 0);
  // The bin and the page of an undo that is refused show it as well.
  const answer = await send(context, `${origin}/api/sales-goals/${made.goals}/`, { method: "DELETE", headers: { "x-csrf-token": token } });
  assert.equal(answer.status, 204);
  await page.goto(`${origin}/bin/`);
  assert.equal(await page.locator("img").count(), 0);
  await done();
});

test("odd forms are refused, never a fault of ours", async () => {
  const { page, context, origin, done } = await member("owner", two);
  await page.goto(`${origin}/customers/`);
  const token = await proof(page);
  for (const path of [
    "/customers/new/", "/customers/1/edit/", "/customers/1/field/name/", "/customers/1/field/nothing/", "/customers/x/edit/",
    "/leads/1/convert/", "/leads/1/disqualify/", "/opportunities/1/stage/", "/activities/1/complete/", "/goals/new/",
    "/changes/1/undo/", "/changes/x/undo/", "/customers/999999999999/delete/", "/customers/1/restore/",
  ]) {
    for (const body of [
      "", "name=%00", "name=&email=", `name=${"x".repeat(5000)}`, "customer.a=1&amount=1e999&year=abc", "contacts=1&addresses.x=2&contacts.0.value=1",
      "stage=NOTHING&title=1", "version=abc&idempotency_key=%F0%9F%92%A5", "addresses.99999999999999999999.city=x", "due_at=0000-00-00T99:99&reminder_at=x",
    ]) {
      const answer = await post(context, `${origin}${path}`, `csrf_token=${token}&${body}`);
      assert.ok(answer.status < 500, `${path} ${body.slice(0, 40)}: ${answer.status}`);
    }
  }
  await done();
});
