import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, api, member, world } from "./support.mjs";

const [one, two] = world.tenants;
const BOARD = "/opportunities/";

/** A sale of its own in this stage; ways to get there are the contract's. */
async function sale(page, stage = "DISCOVERY", more = {}) {
  const customers = await api(page, "GET", "/api/customers/?limit=1");
  const title = `Venda ${Math.random().toString(36).slice(2, 10)}`;
  const body = { customer: customers.json[0].id, title, amount: "1500.00", ...more };
  const made = await api(page, "POST", "/api/opportunities/", body);
  assert.equal(made.status, 201, JSON.stringify(made.json));
  const { id } = made.json;
  const way = ["PROPOSAL", "NEGOTIATION"].slice(0, ["DISCOVERY", "PROPOSAL", "NEGOTIATION"].indexOf(stage));
  for (const step of way) {
    assert.equal((await api(page, "POST", `/api/opportunities/${id}/stage/`, { stage: step })).status, 200);
  }
  return { id, title };
}

/** The board with a new card at the top of a column. */
async function boardWith(stage, options = {}, role = "owner", tenant = one) {
  const visit = await member(role, tenant, options);
  await visit.page.goto(`${visit.origin}${BOARD}`);
  const { id, title } = await sale(visit.page, stage);
  await visit.page.goto(`${visit.origin}${BOARD}`);
  return { ...visit, id, title, card: visit.page.locator(`#board-card-${id}`) };
}

const column = (page, stage) => page.locator(`#board-${stage}`);
const inColumn = (page, id) => page.locator(`#board-card-${id}`).evaluate((card) => card.parentElement.dataset.stage);
const head = (page, stage) => page.locator(`#board-${stage}-head`).innerText();
const count = async (page, stage) => Number(await page.locator(`#board-${stage}-head .board-count`).innerText());

/** Drags a card to the top of a column, as a hand does. */
async function drag(page, card, stage) {
  await card.scrollIntoViewIfNeeded();
  const from = await card.boundingBox();
  const to = await column(page, stage).boundingBox();
  await page.mouse.move(from.x + 40, from.y + 12);
  await page.mouse.down();
  await page.mouse.move(from.x + 60, from.y + 20, { steps: 4 });
  await page.mouse.move(to.x + to.width / 2, to.y + 14, { steps: 12 });
  await page.waitForTimeout(60);
  await page.mouse.up();
}

/** Drags a card by a finger: a long press, then to the edge, where the board moves on, until the column is there. */
async function dragByTouch(page, card, stage) {
  const cdp = await page.context().newCDPSession(page);
  const touch = (type, x, y) => cdp.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y }] });
  await card.scrollIntoViewIfNeeded();
  const from = await card.boundingBox();
  const y = from.y + 20;
  await touch("touchStart", from.x + 40, y);
  await page.locator(".board-ghost").waitFor();
  await touch("touchMove", from.x + 60, y + 4);
  let to = await column(page, stage).boundingBox();
  for (let n = 0; n < 100 && to.x > 120; n += 1) {
    await touch("touchMove", PHONE.width - 6, y + (n % 2));
    await page.waitForTimeout(40);
    to = await column(page, stage).boundingBox();
  }
  await touch("touchMove", Math.min(to.x + to.width / 2, PHONE.width - 60), to.y + 14);
  await page.waitForTimeout(80);
  await touch("touchEnd");
}

/** Requests that a page makes, but for the stream. */
function requests(page) {
  const all = [];
  page.on("request", (request) => {
    // The bell asks by itself, when a page is there and when something is told.
    if (!/\/(api\/events|assets|notifications\/bell)\//.test(request.url())) all.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  return all;
}

const toast = (page) => page.locator("#toasts .toast").last();
const moved = (page, id, stage) => page.waitForFunction(([id, stage]) => {
  const card = document.getElementById(`board-card-${id}`);
  return card && !card.classList.contains("is-moving") && card.parentElement.dataset.stage === stage;
}, [String(id), stage]);

test("a card is dragged to the next stage: one request, both totals", async () => {
  const { page, id, card, origin, done } = await boardWith("DISCOVERY");
  const [from, to] = [await count(page, "DISCOVERY"), await count(page, "PROPOSAL")];
  const all = requests(page);
  await drag(page, card, "PROPOSAL");
  await toast(page).waitFor();
  await moved(page, id, "PROPOSAL");
  assert.equal(await count(page, "DISCOVERY"), from - 1);
  assert.equal(await count(page, "PROPOSAL"), to + 1);
  assert.match(await head(page, "PROPOSAL"), /R\$/);
  // Its own event comes back over the stream, and asks for nothing.
  await page.waitForTimeout(1_500);
  assert.deepEqual(all, [`POST /opportunities/${id}/move/`]);
  await page.goto(`${origin}${BOARD}`);
  assert.equal(await inColumn(page, id), "PROPOSAL");
  const changes = await api(page, "GET", `/api/opportunities/${id}/timeline/`);
  assert.equal(changes.json[0].action, "opportunity.move");
  const rows = await api(page, "GET", `/api/changes/${changes.json[0].change_set}/`);
  assert.equal(rows.json.length, 1, "one row was written");
  await done();
});

test("on a phone a card is dragged by a finger to another column", async () => {
  const { page, id, card, origin, done } = await boardWith("DISCOVERY", { viewport: PHONE });
  const all = requests(page);
  await dragByTouch(page, card, "PROPOSAL");
  await toast(page).waitFor();
  await moved(page, id, "PROPOSAL");
  assert.ok(all.includes(`POST /opportunities/${id}/move/`), all.join());
  await page.goto(`${origin}${BOARD}`);
  assert.equal(await inColumn(page, id), "PROPOSAL");
  await done();
});

test("a card is moved by keys alone, and it is said", async () => {
  const { page, id, card, done } = await boardWith("DISCOVERY");
  await card.focus();
  await page.keyboard.press("Space");
  await page.waitForFunction(() => /na mão/.test(document.getElementById("status").textContent));
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => /Proposta/.test(document.getElementById("status").textContent));
  await page.keyboard.press("Space");
  await toast(page).waitFor();
  await moved(page, id, "PROPOSAL");
  assert.equal(await page.evaluate(() => document.activeElement.id), `board-card-${id}`, "the focus stays on it");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Escape");
  assert.equal(await inColumn(page, id), "PROPOSAL", "given up");
  await done();
});

test("a card is moved within its column, and stays there", async () => {
  const { page, origin, done } = await boardWith("DISCOVERY");
  const second = await sale(page);
  await page.goto(`${origin}${BOARD}`);
  const card = page.locator(`#board-card-${second.id}`);
  await card.focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  const answer = page.waitForResponse((response) => response.url().includes("/move/"));
  await page.keyboard.press("Space");
  assert.equal((await answer).status(), 200);
  await page.goto(`${origin}${BOARD}`);
  const at = await column(page, "DISCOVERY").locator("> [data-card]").evaluateAll((cards, id) => cards.findIndex((one) => one.dataset.card === id), String(second.id));
  assert.equal(at, 1);
  await done();
});

test("a card is moved by its menu", async () => {
  const { page, id, card, done } = await boardWith("DISCOVERY");
  await card.locator("summary").click();
  const offers = await card.locator(".menu-item").allInnerTexts();
  assert.deepEqual(offers.map((text) => text.trim()), ["Proposta", "Perdida"], "only what the rules allow");
  const all = requests(page);
  await card.locator('button[value="PROPOSAL"]').click();
  await toast(page).waitFor();
  await moved(page, id, "PROPOSAL");
  assert.deepEqual(all, [`POST /opportunities/${id}/move/`]);
  await done();
});

test("a card is moved without scripts", async () => {
  const made = await boardWith("DISCOVERY");
  const { id } = made;
  await made.done();
  const { page, origin, done } = await member("owner", one, { javaScript: false });
  await page.goto(`${origin}${BOARD}?closed_days=90`);
  const card = page.locator(`#board-card-${id}`);
  await card.locator("summary").click();
  await card.locator('button[value="PROPOSAL"]').click();
  await page.waitForURL(`${origin}${BOARD}?closed_days=90`);
  assert.match(await page.locator("main").innerText(), /Oportunidades/);
  assert.equal(await page.locator(`#board-PROPOSAL #board-card-${id}`).count(), 1);
  // Lost: a page asks why.
  await page.locator(`#board-card-${id} summary`).click();
  await page.locator(`#board-card-${id} button[value="LOST"]`).click();
  await page.locator("#f-loss_reason").fill("Preço");
  await page.locator('main button[type="submit"]').click();
  await page.waitForURL(`${origin}${BOARD}?closed_days=90`);
  assert.match(await page.locator(`#board-LOST #board-card-${id}`).innerText(), /Preço/);
  await done();
});

test("a forbidden jump is refused, rolled back and explained", async () => {
  const { page, id, card, origin, done } = await boardWith("DISCOVERY");
  await drag(page, card, "NEGOTIATION");
  await toast(page).waitFor();
  assert.match(await toast(page).innerText(), /[Dd]escoberta|DISCOVERY|etapa/);
  await moved(page, id, "DISCOVERY");
  await page.goto(`${origin}${BOARD}`);
  assert.equal(await inColumn(page, id), "DISCOVERY");
  await done();
});

test("a sale is lost only with a reason", async () => {
  const { page, id, card, done } = await boardWith("PROPOSAL");
  const all = requests(page);
  await drag(page, card, "LOST");
  const dialog = page.locator("#gate-lost");
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await moved(page, id, "PROPOSAL");
  assert.deepEqual(all, [], "nothing was sent");
  await drag(page, card, "LOST");
  await dialog.waitFor();
  await dialog.getByRole("button", { name: "Marcar como perdida" }).click();
  assert.equal(await dialog.isVisible(), true, "a reason is needed");
  await dialog.locator("#f-loss_reason").fill("Concorrente");
  await page.keyboard.press("Enter");
  await toast(page).waitFor();
  await moved(page, id, "LOST");
  assert.match(await page.locator(`#board-card-${id}`).innerText(), /Concorrente/);
  assert.equal(await page.locator(`#board-card-${id} summary`).count(), 0, "a lost sale goes nowhere");
  assert.equal(all.length, 1);
  await done();
});

test("a sale is won with the amount that was agreed, and the way back is there", async () => {
  const { page, id, card, origin, done } = await boardWith("NEGOTIATION");
  await drag(page, card, "WON");
  const dialog = page.locator("#gate-won");
  await dialog.waitFor();
  assert.equal(await dialog.locator("#f-amount").inputValue(), "1.500,00");
  await dialog.locator("#f-amount").fill("1.234,56");
  await dialog.getByRole("button", { name: "Marcar como ganha" }).click();
  await toast(page).waitFor();
  await moved(page, id, "WON");
  assert.match(await page.locator(`#board-card-${id}`).innerText(), /1\.234,56/);
  await toast(page).getByRole("button", { name: "Desfazer" }).click();
  await page.waitForFunction((id) => document.getElementById(`board-card-${id}`)?.parentElement.dataset.stage === "NEGOTIATION", String(id));
  assert.match(await page.locator(`#board-card-${id}`).innerText(), /1\.500,00/);
  await page.goto(`${origin}${BOARD}`);
  assert.equal(await inColumn(page, id), "NEGOTIATION");
  await done();
});

test("two browsers see each other's moves within a second", async () => {
  const first = await boardWith("DISCOVERY");
  const second = await member("manager", one);
  await second.page.goto(`${second.origin}${BOARD}`);
  await second.page.waitForTimeout(700);
  assert.equal(await inColumn(second.page, first.id), "DISCOVERY");
  await first.card.focus();
  await first.page.keyboard.press("Space");
  await first.page.keyboard.press("ArrowRight");
  await first.page.keyboard.press("Space");
  await toast(first.page).waitFor();
  const begun = Date.now();
  await second.page.waitForFunction((id) => document.getElementById(`board-card-${id}`)?.parentElement.dataset.stage === "PROPOSAL", String(first.id), { polling: 50 });
  const took = Date.now() - begun;
  assert.ok(took < 1_000, `${took} ms`);
  await drag(second.page, second.page.locator(`#board-card-${first.id}`), "NEGOTIATION");
  await toast(second.page).waitFor();
  await first.page.waitForFunction((id) => document.getElementById(`board-card-${id}`)?.parentElement.dataset.stage === "NEGOTIATION", String(first.id), { polling: 50, timeout: 2_000 });
  await first.done();
  await second.done();
});

test("who was offline for a minute catches up", async () => {
  const away = await boardWith("DISCOVERY");
  await away.page.waitForTimeout(500);
  await away.context.setOffline(true);
  const other = await member("owner", one);
  await other.page.goto(`${other.origin}${BOARD}`);
  assert.equal((await api(other.page, "POST", `/api/opportunities/${away.id}/stage/`, { stage: "PROPOSAL" })).status, 200);
  const made = await sale(other.page, "DISCOVERY");
  const gone = await sale(other.page, "DISCOVERY");
  const renamed = `Outro título ${Date.now()}`;
  assert.equal((await api(other.page, "PATCH", `/api/opportunities/${made.id}/`, { title: renamed })).status, 200);
  assert.equal((await api(other.page, "DELETE", `/api/opportunities/${gone.id}/`)).status, 204);
  await away.page.waitForTimeout(60_000);
  assert.equal(await inColumn(away.page, away.id), "DISCOVERY", "nothing was heard");
  await away.context.setOffline(false);
  await away.page.waitForFunction((id) => document.getElementById(`board-card-${id}`)?.parentElement.dataset.stage === "PROPOSAL", String(away.id), { timeout: 15_000 });
  // Nothing is missing: as who comes now sees it.
  await away.page.locator(`#board-card-${made.id}`, { hasText: renamed }).waitFor();
  assert.equal(await away.page.locator(`#board-card-${gone.id}`).count(), 0);
  const cards = (page) => page.locator(".board-card").evaluateAll((all) => all.map((card) => `${card.id} ${card.parentElement.dataset.stage}`).sort());
  await other.page.goto(`${other.origin}${BOARD}`);
  assert.deepEqual(await cards(away.page), await cards(other.page));
  await away.context.close();
  await other.done();
});

test("a move that can't be sent goes back", async () => {
  const { page, id, card, context } = await boardWith("DISCOVERY");
  await context.setOffline(true);
  await drag(page, card, "PROPOSAL");
  await toast(page).waitFor();
  await moved(page, id, "DISCOVERY");
  await context.close();
});

test("a member who may not move cards is offered no way, and is refused", async () => {
  const { id, done: over } = await boardWith("DISCOVERY");
  await over();
  const { page, origin, done } = await member("member", one);
  await page.goto(`${origin}${BOARD}`);
  const card = page.locator(`#board-card-${id}`);
  assert.equal(await card.locator("summary").count(), 0);
  assert.equal(await page.getByRole("link", { name: "Nova oportunidade" }).count(), 0);
  await drag(page, card, "PROPOSAL");
  assert.equal(await inColumn(page, id), "DISCOVERY");
  const status = await page.evaluate(async (id) => {
    const body = new URLSearchParams({ stage: "PROPOSAL" });
    const headers = { "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content };
    return (await fetch(`/opportunities/${id}/move/`, { method: "POST", body, headers })).status;
  }, id);
  assert.equal(status, 403);
  await done();
});

test("filters stay in the address, and totals are of what is shown", async () => {
  const { page, title, origin, done } = await boardWith("DISCOVERY");
  await page.goto(`${origin}${BOARD}?q=${encodeURIComponent(title)}`);
  assert.equal(await page.locator("[data-card]").count(), 1);
  assert.equal(await count(page, "DISCOVERY"), 1);
  const card = page.locator("[data-card]").first();
  await card.focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  await toast(page).waitFor();
  assert.equal(await count(page, "PROPOSAL"), 1, "the head counts what the filter shows");
  await page.goto(`${origin}${BOARD}?q=nadanadanada`);
  assert.match(await page.locator("main").innerText(), /Nada com estes filtros/);
  await page.locator("#f-q").fill(title);
  await page.waitForURL(/q=Venda/);
  await page.locator("[data-card]").first().waitFor();
  await done();
});

test("a long column shows thirty cards, and more when asked", async () => {
  const { page, origin, done } = await member("owner", two);
  await page.goto(`${origin}${BOARD}`);
  for (let n = 0; n < 36; n++) await sale(page);
  await page.goto(`${origin}${BOARD}`);
  assert.equal(await column(page, "DISCOVERY").locator("> [data-card]").count(), 30);
  await column(page, "DISCOVERY").locator(".board-more a").click();
  await page.waitForFunction(() => document.querySelectorAll("#board-DISCOVERY > [data-card]").length > 30);
  await page.waitForURL(/cards=60/);
  // What others change does not take them away again.
  const before = await column(page, "DISCOVERY").locator("> [data-card]").count();
  const made = await sale(page);
  await page.locator(`#board-card-${made.id}`).waitFor();
  assert.equal(await column(page, "DISCOVERY").locator("> [data-card]").count(), before + 1);
  await done();
});

test("the board on a phone: cards move by their menu, nothing is cut off", async () => {
  const { page, id, card, done } = await boardWith("DISCOVERY", { viewport: PHONE });
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${over} px too wide`);
  await card.locator("summary").tap();
  await card.locator('button[value="PROPOSAL"]').tap();
  await toast(page).waitFor();
  await moved(page, id, "PROPOSAL");
  await done();
});

test("the board is small on a cold load", async () => {
  const { page, context, origin, done } = await member("owner", one);
  const cold = await context.browser().newContext({ storageState: await context.storageState() });
  const fresh = await cold.newPage();
  const session = await cold.newCDPSession(fresh);
  await session.send("Network.enable");
  let bytes = 0;
  session.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
  await fresh.goto(`${origin}${BOARD}`);
  await fresh.waitForTimeout(1_500);
  assert.ok(bytes > 5_000 && bytes <= 60_000, `${bytes} bytes`);
  await cold.close();
  await page.close();
  await done();
});

test("leads are qualified and disqualified by moving them; to convert leads to the form", async () => {
  const { page, origin, done } = await member("owner", one);
  await page.goto(`${origin}/leads/board/`);
  const made = await api(page, "POST", "/api/leads/", { source: "Feira", name: "Lia Testa", email: "lia@example.com" });
  assert.equal(made.status, 201);
  const { id } = made.json;
  await page.goto(`${origin}/leads/board/`);
  const card = page.locator(`#leads-card-${id}`);
  const at = (status) => page.waitForFunction(([id, status]) => {
    const found = document.getElementById(`leads-card-${id}`);
    return found && !found.classList.contains("is-moving") && found.parentElement.dataset.stage === status;
  }, [String(id), status]);
  const take = async (status) => {
    const from = await card.boundingBox();
    const to = await page.locator(`#leads-${status}`).boundingBox();
    await page.mouse.move(from.x + 40, from.y + 12);
    await page.mouse.down();
    await page.mouse.move(to.x + 60, to.y + 40, { steps: 12 });
    await page.waitForTimeout(60);
    await page.mouse.up();
  };
  await take("CONVERTED");
  await toast(page).waitFor();
  assert.match(await toast(page).innerText(), /lead/i);
  await at("NEW");
  await take("QUALIFIED");
  await at("QUALIFIED");
  await card.focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  const dialog = page.locator("#gate-disqualified");
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await at("QUALIFIED");
  await take("CONVERTED");
  await page.waitForURL(`${origin}/leads/${id}/convert/`);
  await page.goto(`${origin}/leads/board/`);
  await take("DISQUALIFIED");
  await dialog.locator("#f-disqualification_reason").fill("Sem verba");
  // At once: an answer within milliseconds of the drop is an answer, too.
  await page.keyboard.press("Enter");
  await at("DISQUALIFIED");
  assert.match(await card.innerText(), /Sem verba/);
  await done();
});
