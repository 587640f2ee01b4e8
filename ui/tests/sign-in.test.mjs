import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, accessible, signIn, visitor, world } from "./support.mjs";

const [one, two] = world.tenants;

test("a member is led to the page that was asked for", async () => {
  const { page, done } = await visitor();
  await page.goto(`${one.origin}/today/?x=1`);
  assert.equal(new URL(page.url()).pathname, "/sign-in/");
  await page.locator("#username").fill(one.people.owner);
  await page.locator("#password").fill(world.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${one.origin}/today/?x=1`);
  await done();
});

test("a wrong password is told, and the name is kept", async () => {
  const { page, done } = await visitor({ language: "en" });
  await page.goto(`${one.origin}/sign-in/`);
  await page.locator("#username").fill(one.people.owner);
  await page.locator("#password").fill("wrong");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  assert.match(await page.getByRole("alert").innerText(), /Unable to sign in/);
  assert.equal(await page.locator("#username").inputValue(), one.people.owner);
  assert.equal(await page.locator("#password").inputValue(), "");
  await done();
});

test("another company's member has no place here", async () => {
  const { page, context, done } = await visitor();
  await page.goto(`${two.origin}/sign-in/`);
  await page.locator("#username").fill(one.people.owner);
  await page.locator("#password").fill(world.password);
  await page.keyboard.press("Enter");
  assert.match(await page.getByRole("alert").innerText(), /não participa desta empresa/);
  assert.deepEqual(await context.cookies(two.origin), []);
  await done();
});

test("who runs no platform has no console", async () => {
  const { page, done } = await visitor();
  await page.goto(`${world.console}/platform/`);
  await page.locator("#username").fill(one.people.owner);
  await page.locator("#password").fill(world.password);
  await page.keyboard.press("Enter");
  assert.match(await page.getByRole("alert").innerText(), /não administra/);
  await done();
});

test("another site's address is not led to", async () => {
  const { page, done } = await visitor();
  await page.goto(`${one.origin}/sign-in/?next=//evil.example/`);
  await page.locator("#username").fill(one.people.owner);
  await page.locator("#password").fill(world.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${one.origin}/today/`);
  await done();
});

for (const javaScript of [true, false]) {
  test(`signing in and out, ${javaScript ? "with" : "without"} scripts`, async () => {
    const { page, done } = await visitor({ javaScript });
    await signIn(page, one.origin, one.people.member);
    await page.locator(".user-menu summary").click();
    await page.locator('form[action="/sign-out/"] button').click();
    await page.waitForURL(/\/sign-in\//);
    await page.goto(`${one.origin}/today/`);
    assert.equal(new URL(page.url()).pathname, "/sign-in/");
    await done();
  });
}

test("an unknown company's address says so", async () => {
  const { page, done } = await visitor();
  const origin = one.origin.replace(/\/\/[^.]+/, "//nobody-at-all");
  const answer = await page.goto(`${origin}/sign-in/`);
  assert.equal(answer.status(), 404);
  assert.match(await page.locator("h1").innerText(), /não encontrada/);
  await done();
});

for (const language of ["pt-BR", "en"])
  for (const dark of [false, true])
    for (const viewport of [undefined, PHONE])
      test(`accessible: ${language}, ${dark ? "dark" : "light"}, ${viewport ? "phone" : "desktop"}`, async () => {
        const { page, done } = await visitor({ language, dark, viewport });
        await page.goto(`${one.origin}/sign-in/`);
        await accessible(page, "sign-in");
        await done();
      });

test("the page is small", async () => {
  const { page, context, done } = await visitor();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  session.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
  await page.goto(`${one.origin}/sign-in/`, { waitUntil: "networkidle" });
  assert.ok(bytes > 500 && bytes <= 25_000, `${bytes} bytes`);
  await done();
});
