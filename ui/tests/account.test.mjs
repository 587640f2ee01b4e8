// One's own account: the password, sessions, tokens, the second step, how the pages look; and the ways from
// one host to another.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PHONE, accessible, admin, member, signIn, visitor, world } from "./support.mjs";

const [one, two] = world.tenants;

/** What a generator shows now, or so many steps from now (RFC 6238). */
function code(key, steps = 0) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...key.replace(/\s/g, "")].map((c) => letters.indexOf(c).toString(2).padStart(5, "0")).join("");
  const bytes = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const tag = createHmac("sha1", bytes).update(step).digest();
  const number = tag.readUInt32BE(tag[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

const submit = (page, action) => page.locator(`form[action="${action}"] [type="submit"]`).first().click();

/** The path of the link in the latest mail to this user. */
async function mailed(username) {
  for (let tries = 0; tries < 100; tries++) {
    for (const file of readdirSync(world.mails)) {
      const text = readFileSync(join(world.mails, file), "utf8").replace(/=\r?\n/g, "").replace(/=3D/g, "=");
      const link = /\/password-reset\/\?token=[0-9a-f]{64}/.exec(text);
      if (text.includes(`${username}@example.com`) && link) return link[0];
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error("no mail came");
}

async function fillPassword(page, username, password) {
  await page.locator("#username").fill(username);
  await page.locator("#password").fill(password);
  await submit(page, "/sign-in/");
}

test("a forgotten password is set anew by a mail, and the answer tells nobody of accounts", async () => {
  const username = one.people.member;
  const { page, done } = await visitor();
  const told = [];
  for (const typed of ["nobody@example.com", `${username}@example.com`]) {
    await page.goto(`${one.origin}/sign-in/`);
    await page.getByRole("link", { name: "Esqueci a senha" }).click();
    await page.locator("#email").fill(typed);
    await submit(page, "/forgot-password/");
    await page.getByRole("status").waitFor();
    told.push(await page.locator("main").innerText());
  }
  assert.equal(told[0], told[1]);
  const path = await mailed(username);
  await page.goto(`${world.console}${path}`);
  await page.locator("#new_password").fill("curta");
  await page.locator("#new_password_again").fill("outra");
  await page.evaluate(() => (document.querySelector("form").noValidate = true));
  await submit(page, "/password-reset/");
  assert.match(await page.locator("#new_password_again_error").innerText(), /não são iguais/);
  await accessible(page, "password reset with errors");
  await page.locator("#new_password").fill("outra frase bem boa");
  await page.locator("#new_password_again").fill("outra frase bem boa");
  await submit(page, "/password-reset/");
  assert.match(await page.getByRole("status").innerText(), /nova senha foi salva/);
  await page.goto(`${world.console}${path}`);
  await page.locator("#new_password").fill("ainda outra frase");
  await page.locator("#new_password_again").fill("ainda outra frase");
  await submit(page, "/password-reset/");
  assert.match(await page.getByRole("alert").innerText(), /não vale mais/);
  await signIn(page, one.origin, username, "outra frase bem boa");
  await done();
});

test("a typing error of an address is told", async () => {
  const { page, done } = await visitor({ language: "en" });
  await page.goto(`${one.origin}/forgot-password/`);
  await page.locator("#email").fill("a b");
  await submit(page, "/forgot-password/");
  await page.locator("#email-error").waitFor();
  await accessible(page, "forgot password with an error");
  await done();
});

test("a changed password ends the other sessions", async () => {
  const here = await member("manager");
  const there = await visitor();
  await signIn(there.page, one.origin, one.people.manager);
  const { page } = here;
  await page.goto(`${one.origin}/account/password/`);
  await page.locator('[name="old_password"]').fill("errada");
  await page.locator('[name="new_password"]').fill("mais uma frase boa");
  await page.locator('[name="new_password_again"]').fill("mais uma frase boa");
  await submit(page, "/account/password/");
  await page.getByText("Esta não é a sua senha atual").waitFor();
  await page.locator('[name="old_password"]').fill(world.password);
  await page.locator('[name="new_password"]').fill("mais uma frase boa");
  await page.locator('[name="new_password_again"]').fill("mais uma frase boa");
  await submit(page, "/account/password/");
  await page.getByText("As outras sessões foram encerradas").first().waitFor();
  await there.page.goto(`${one.origin}/today/`);
  assert.equal(new URL(there.page.url()).pathname, "/sign-in/");
  await page.goto(`${one.origin}/today/`);
  assert.equal(new URL(page.url()).pathname, "/today/");
  // As the other journeys know it.
  await page.goto(`${one.origin}/account/password/`);
  await page.locator('[name="old_password"]').fill("mais uma frase boa");
  await page.locator('[name="new_password"]').fill(world.password);
  await page.locator('[name="new_password_again"]').fill(world.password);
  await submit(page, "/account/password/");
  await page.getByText("As outras sessões foram encerradas").first().waitFor();
  await here.done();
  await there.done();
});

test("another session is ended, and the others", async () => {
  const here = await member("manager", two);
  const visits = [];
  for (const _ of [1, 2]) {
    const visit = await visitor();
    await signIn(visit.page, two.origin, two.people.manager);
    visits.push(visit);
  }
  const { page } = here;
  await page.goto(`${two.origin}/account/sessions/`);
  assert.equal(await page.getByText("Esta sessão").count(), 1);
  assert.match(await page.locator("table").innerText(), /Chrome em Linux/);
  const end = page.getByRole("button", { name: /^Encerrar a sessão/ });
  assert.equal(await end.count(), 2);
  await end.first().click();
  await page.getByText("Sessão encerrada").first().waitFor();
  assert.equal(await end.count(), 1);
  const open = async () => {
    let count = 0;
    for (const visit of visits) {
      await visit.page.goto(`${two.origin}/today/`);
      if (new URL(visit.page.url()).pathname === "/today/") count++;
    }
    return count;
  };
  assert.equal(await open(), 1);
  await page.getByRole("button", { name: "Encerrar todas as outras" }).click();
  await page.getByText("As outras sessões foram encerradas").first().waitFor();
  assert.equal(await open(), 0);
  await here.done();
  for (const visit of visits) await visit.done();
});

test("a token is shown once, works, and is revoked", async () => {
  const { page, done } = await member("owner");
  await page.goto(`${one.origin}/account/tokens/`);
  await page.getByText("Nenhuma chave").or(page.locator("table")).first().waitFor();
  await page.locator('[name="name"]').fill("planilha de vendas");
  await submit(page, "/account/tokens/");
  const token = (await page.locator("#token").innerText()).trim();
  assert.match(token, /^[0-9a-f]{64}$/);
  await accessible(page, "a new token");
  const me = () => fetch(`${world.console}/api/auth/me/`, { headers: { Authorization: `Token ${token}` } });
  const answer = await me();
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).username, one.people.owner);
  await page.goto(`${one.origin}/account/tokens/`);
  assert.ok(!(await page.content()).includes(token));
  await page.getByRole("button", { name: "Revogar a chave: planilha de vendas" }).click();
  await page.getByText("Chave revogada").first().waitFor();
  assert.equal((await me()).status, 401);
  await done();
});

test("the second step: set up, asked for, once each, throttled, off", async () => {
  const username = two.people.member;
  const { page, done } = await member("member", two);
  await page.goto(`${two.origin}/account/two-step/`);
  await page.getByRole("button", { name: "Configurar" }).click();
  const key = await page.locator("#totp-key").innerText();
  assert.ok((await page.locator("svg.qr path").getAttribute("d")).length > 1000);
  await accessible(page, "a QR code");
  await page.locator('[name="otp"]').fill("000000");
  await submit(page, "/account/two-step/confirm/");
  await page.getByText("Este código não confere").waitFor();
  await page.locator('[name="otp"]').fill(code(key, -1));
  await submit(page, "/account/two-step/confirm/");
  await page.locator(".codes li").first().waitFor();
  const codes = await page.locator(".codes li").allInnerTexts();
  assert.equal(codes.length, 10);
  await accessible(page, "recovery codes");

  // The API asks for it, too.
  const post = (path, otp) =>
    fetch(`${world.console}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username, password: world.password, ...(otp && { otp }) }),
    });
  // Five wrong ones are the limit: no more of them here than it takes.
  for (const [path, otp] of [["/api/auth/token/"], ["/api/auth/session/"], ["/api/auth/session/", "123"]]) {
    const answer = await post(path, otp);
    assert.equal(answer.status, 400, path);
    assert.ok((await answer.json()).otp, path);
  }
  assert.equal((await post("/api/auth/token/", codes[0])).status, 200);
  assert.equal((await post("/api/auth/token/", codes[0])).status, 400);

  const other = await visitor();
  const second = async () => {
    await other.page.goto(`${two.origin}/sign-in/?next=/today/%3Fx=1`);
    await fillPassword(other.page, username, world.password);
    await other.page.locator("#otp").waitFor();
  };
  await second();
  assert.deepEqual(await other.context.cookies(two.origin), [], "no session before the code");
  await accessible(other.page, "the second step");
  const right = code(key);
  await other.page.locator("#otp").fill(right);
  await submit(other.page, "/sign-in/code/");
  await other.page.waitForURL(`${two.origin}/today/?x=1`);
  await other.context.clearCookies();
  await second();
  await other.page.locator("#otp").fill(right);
  await submit(other.page, "/sign-in/code/");
  await other.page.getByRole("alert").waitFor();
  assert.match(await other.page.getByRole("alert").innerText(), /não confere/);
  await other.page.locator("#otp").fill(codes[1].toUpperCase());
  await submit(other.page, "/sign-in/code/");
  await other.page.waitForURL(`${two.origin}/today/?x=1`);
  await other.context.clearCookies();
  await second();
  for (let tries = 0; ; tries++) {
    assert.ok(tries < 8, "nobody guesses for ever");
    await other.page.locator("#otp").fill("111111");
    await submit(other.page, "/sign-in/code/");
    await other.page.getByRole("alert").waitFor();
    if (/Tentativas demais/.test(await other.page.getByRole("alert").innerText())) break;
  }
  await other.done();

  await page.goto(`${two.origin}/account/two-step/`);
  await page.getByText("8 de 10").waitFor();
  await page.locator("#off-password").fill("errada");
  await submit(page, "/account/two-step/off/");
  await page.getByRole("alert").waitFor();
  await page.locator("#off-password").fill(world.password);
  await submit(page, "/account/two-step/off/");
  await page.getByText("As duas etapas estão desligadas").first().waitFor();
  const after = await visitor();
  await signIn(after.page, two.origin, username);
  await after.done();
  await done();
});

test("language and theme come along to another browser", async () => {
  const { page, done } = await member("owner", two);
  await page.goto(`${two.origin}/account/`);
  await page.locator('[name="language"]').selectOption("en");
  await page.locator('[name="theme"]').selectOption("dark");
  await submit(page, "/account/");
  await page.locator('html[lang="en"][data-theme="dark"]').waitFor();
  const other = await visitor();
  await signIn(other.page, two.origin, two.people.owner);
  await other.page.locator('html[lang="en"][data-theme="dark"]').waitFor();
  // What somebody else chose on a shared browser does not stay.
  await other.context.clearCookies({ name: "sindico_session" });
  await signIn(other.page, two.origin, two.people.manager);
  await other.page.locator('html[lang="pt-BR"]:not([data-theme])').waitFor();
  await other.done();
  await page.locator('[name="language"]').selectOption("");
  await page.locator('[name="theme"]').selectOption("");
  await submit(page, "/account/");
  await page.locator('html[lang="pt-BR"]:not([data-theme])').waitFor();
  await done();
});

for (const javaScript of [true, false])
  test(`a session that ends while somebody types loses nothing, ${javaScript ? "with" : "without"} scripts`, async () => {
    const { page, context, done } = await visitor({ javaScript });
    await signIn(page, one.origin, one.people.owner);
    await page.goto(`${one.origin}/account/tokens/`);
    await page.locator('[name="name"]').fill("digitado antes & depois");
    const other = await visitor();
    await signIn(other.page, one.origin, one.people.owner);
    await other.page.goto(`${one.origin}/account/sessions/`);
    await other.page.getByRole("button", { name: "Encerrar todas as outras" }).click();
    await other.page.getByText("As outras sessões foram encerradas").first().waitFor();
    await other.done();
    await submit(page, "/account/tokens/");
    await page.getByText("O que você digitou está guardado").waitFor();
    // Without scripts nothing can be looked at from within.
    if (javaScript) await accessible(page, "an interrupted form");
    await fillPassword(page, one.people.owner, world.password);
    await page.getByRole("button", { name: "Enviar agora" }).click();
    await page.locator("#token").waitFor();
    await page.getByText("digitado antes & depois").first().waitFor();
    assert.ok((await context.cookies(one.origin)).some((cookie) => cookie.name === "sindico_session"));
    await page.goto(`${one.origin}/account/tokens/`);
    const revoke = page.getByRole("button", { name: /digitado antes/ });
    await revoke.click();
    // Gone before another browser makes one of the same name.
    await revoke.waitFor({ state: "detached" });
    await done();
  });

test("a way to another host is good for its user, its host, and once", async () => {
  // An operator goes to the console from where they have a visit: see settings. Here the odd ones.
  const { page, done } = await visitor();
  for (const path of ["/arrive/", "/arrive/?way=abc", `/arrive/?way=${"0".repeat(64)}`]) {
    const answer = await page.goto(`${one.origin}${path}`);
    assert.equal(answer.status(), 400);
    await page.getByText("não vale mais").first().waitFor();
  }
  await accessible(page, "a way that is over");
  await done();
});

const pages = ["/account/", "/account/password/", "/account/sessions/", "/account/tokens/", "/account/two-step/"];
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
        const visit = await visitor({ language, dark, viewport });
        for (const path of ["/forgot-password/", "/password-reset/?token=abc", "/password-reset/", "/sign-in/"]) {
          await visit.page.goto(`${one.origin}${path}`);
          await accessible(visit.page, path);
        }
        await visit.done();
        const console_ = await admin({ language, dark, viewport });
        await console_.page.goto(`${world.console}/account/`);
        await accessible(console_.page, "the account in the console");
        await console_.done();
      });
