// Pipelines set up by hand, and gates that ask for what is missing: with scripts, by keys, on a phone, and without.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, accessible, api, member, world } from "./support.mjs";

const [one, two] = world.tenants;
const SETTINGS = "/settings/pipelines/";

/** A sale at the beginning of the first pipeline, with nothing told of it but its customer. */
async function sale(page) {
  const customers = await api(page, "GET", "/api/customers/?limit=1");
  const title = `Venda ${Math.random().toString(36).slice(2, 10)}`;
  const made = await api(page, "POST", "/api/opportunities/", { customer: customers.json[0].id, title });
  assert.equal(made.status, 201, JSON.stringify(made.json));
  return { id: made.json.id, title };
}

/** Has PROPOSAL ask for these fields. */
async function gate(page, fields) {
  const first = await api(page, "GET", "/api/pipelines/1/");
  const { id } = first.json.stages.find(({ code }) => code === "PROPOSAL");
  const set = await api(page, "PATCH", `/api/pipelines/1/stages/${id}/`, { required_fields: fields });
  assert.equal(set.status, 200, JSON.stringify(set.json));
}

const stageOf = async (page, id) => (await api(page, "GET", `/api/opportunities/${id}/`)).json;
const toast = (page) => page.locator("#toasts .toast").last();

for (const viewport of [undefined, PHONE])
  test(`a gate asks in a dialog for what is missing, and the move goes on: ${viewport ? "phone" : "desktop"}`, async () => {
    const { page, origin, done } = await member("owner", one, { viewport });
    await page.goto(`${origin}/opportunities/`);
    await gate(page, ["amount", "next_step"]);
    const { id, title } = await sale(page);
    await page.goto(`${origin}/opportunities/`);
    const card = page.locator(`#board-card-${id}`);
    // By keys: picked up, to the right, put down.
    await card.focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    const dialog = page.locator("#gate-any");
    await dialog.getByText(title).waitFor();
    await accessible(page, "the dialog of a gate");
    assert.equal(await dialog.locator("input:not([type=hidden]), select, textarea").count(), 2);
    // Given up: the card goes back.
    await page.keyboard.press("Escape");
    await page.waitForFunction((id) => document.getElementById(`board-card-${id}`).parentElement.dataset.stage === "DISCOVERY", id);
    assert.equal((await stageOf(page, id)).stage, "DISCOVERY");
    // Told in part: the rest is asked for again.
    await card.focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    await dialog.locator('[name="amount"]').fill("1.234,50");
    await dialog.locator('[name="next_step"]').fill("Ligar na terça");
    await page.keyboard.press("Enter");
    await toast(page).waitFor();
    const now = await stageOf(page, id);
    assert.deepEqual([now.stage, now.amount, now.next_step], ["PROPOSAL", "1234.50", "Ligar na terça"]);
    await gate(page, []);
    await done();
  });

test("without scripts a page asks, says what is wrong, and moves", async () => {
  const helper = await member("owner", two);
  await helper.page.goto(`${helper.origin}/opportunities/`);
  await gate(helper.page, ["amount", "owner"]);
  const { id } = await sale(helper.page);
  await api(helper.page, "PATCH", `/api/opportunities/${id}/`, { owner: null });
  const { page, origin, done } = await member("owner", two, { javaScript: false });
  await page.goto(`${origin}/opportunities/`);
  const card = page.locator(`#board-card-${id}`);
  await card.locator("summary").click();
  await card.locator('button[name="stage"][value="PROPOSAL"]').click();
  await page.locator('main form [name="amount"]').fill("abc");
  await page.locator('main form [name="owner"]').selectOption({ index: 1 });
  await page.locator('main form[action*="/move/"] button:not([name])').click();
  assert.match(await page.locator("main").innerText(), /valor|número|amount/i);
  await page.locator('main form [name="amount"]').fill("10,00");
  await page.locator('main form[action*="/move/"] button:not([name])').click();
  await page.waitForURL((url) => url.pathname === "/opportunities/");
  const now = await stageOf(helper.page, id);
  assert.deepEqual([now.stage, now.amount], ["PROPOSAL", "10.00"]);
  await gate(helper.page, []);
  await helper.done();
  await done();
});

for (const options of [{}, { viewport: PHONE }, { javaScript: false }])
  test(`a pipeline is set up, has its board, and goes again: ${JSON.stringify(options)}`, async () => {
    const { page, origin, done } = await member("owner", one, options);
    const name = `Funil ${Math.random().toString(36).slice(2, 8)}`;
    await page.goto(`${origin}${SETTINGS}`);
    await page.locator("#new-pipeline").fill(name);
    await page.locator(`form[action="${SETTINGS}"] button:not([name])`).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    const path = new URL(page.url()).pathname;
    await page.goto(`${origin}${path}stages/new/`);
    await page.locator('[name="name"]').fill("Visita técnica");
    await page.locator('[name="probability"]').fill("35");
    await page.locator('[name="rots_after_days"]').fill("0");
    await page.locator('[name="asks.amount"]').check();
    await page.locator(`form[action="${path}stages/new/"] button:not([name])`).click();
    // Wrong, and nothing that was typed is lost.
    await page.locator('[name="rots_after_days"][aria-invalid="true"]').waitFor();
    assert.equal(await page.locator('[name="name"]').inputValue(), "Visita técnica");
    await page.locator('[name="rots_after_days"]').fill("9");
    await page.locator(`form[action="${path}stages/new/"] button:not([name])`).click();
    const row = page.locator("tbody tr", { hasText: "Visita técnica" });
    await row.first().waitFor();
    const order = async () => (await page.locator("tbody tr td:first-child").allInnerTexts()).map((text) => text.trim());
    assert.equal((await order()).indexOf("Visita técnica"), 3);
    await row.getByRole("button", { name: /uma posição antes/ }).click();
    await page.waitForFunction(() => [...document.querySelectorAll("tbody tr td:first-child")][2].textContent.includes("Visita")).catch(() => undefined);
    await page.goto(`${origin}${path}`);
    assert.equal((await order()).indexOf("Visita técnica"), 2);
    const id = path.split("/").at(-2);
    await page.goto(`${origin}/opportunities/?pipeline=${id}`);
    assert.equal(await page.locator(".board-column").count(), 6);
    await page.locator('[aria-current="true"]', { hasText: name }).waitFor();
    await page.goto(`${origin}${path}`);
    await page.locator(`form[action="${path}delete/"] button:not([name])`).click();
    await page.waitForURL((url) => url.pathname === SETTINGS);
    assert.equal(await page.locator("tbody tr td:first-child", { hasText: name }).filter({ hasNot: page.locator("form") }).locator("a").count(), 0);
    await done();
  });
