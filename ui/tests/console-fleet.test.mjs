// The fleet, with a place that an older program left behind.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, admin, world } from "./support.mjs";

/** How the API answers for the tenant that is behind. */
const served = (page) =>
  page.evaluate(async (code) => (await fetch("/api/customers/", { headers: { "X-Tenant-ID": code } })).status, world.old.code);

test("a place that is behind is told, and brought up to date from the console", async () => {
  const { page, origin, done } = await admin();
  await page.goto(`${origin}/platform/fleet/`);
  assert.equal(await served(page), 503);
  const behind = page.locator(".stat", { hasText: "Atrás" }).locator(".stat-value");
  assert.equal((await behind.innerText()).trim(), "1");
  await page.getByText(world.old.code).first().waitFor();
  await accessible(page, "a fleet with a place behind");
  await page.getByRole("button", { name: "Atualizar agora" }).click();
  await page.getByText("Todos os bancos estão na versão do programa").waitFor();
  assert.equal((await behind.innerText()).trim(), "0");
  assert.equal(await page.getByText("Sem tabelas").count(), 0);
  assert.equal(await page.getByRole("button", { name: "Atualizar agora" }).isEnabled(), false);
  await page.waitForFunction(
    async (code) => (await fetch("/api/customers/", { headers: { "X-Tenant-ID": code } })).status === 200,
    world.old.code,
    { polling: 250 },
  );
  await done();
});
