// Builds dist/: the bundles, the sprite, each of them pressed twice, and a manifest with their hashes.
// The same sources give the same bytes: nothing here knows the time, the machine or an order of files.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = new URL(".", import.meta.url);
const dist = new URL("dist/", here);

const TYPES = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

const BUDGETS = { "app.css": 14_000, "app.js": 30_000, "sign-in.js": 2_000 };

async function bundle(entry) {
  const result = await build({
    entryPoints: [new URL(entry, here).pathname],
    bundle: true,
    minify: true,
    write: false,
    target: "es2022",
    format: "iife",
    charset: "utf8",
    legalComments: "none",
    // light-dark() stays as it is: every browser of ours knows it since 2024.
    supported: { nesting: true },
    logLevel: "warning",
  });
  return Buffer.from(result.outputFiles[0].contents);
}

/** One symbol an icon: what they share (stroke, fill) is said once, by the style sheet. */
async function sprite() {
  const names = (await readFile(new URL("icons.txt", here), "utf8"))
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"))
    .sort();
  const symbols = await Promise.all(
    names.map(async (name) => {
      const file = new URL(`node_modules/lucide-static/icons/${name}.svg`, here);
      const text = await readFile(file, "utf8").catch(() => {
        throw new Error(`icons.txt names "${name}", which lucide-static does not have`);
      });
      const inner = text
        .replace(/<!--.*?-->/gs, "")
        .replace(/<svg[^>]*>|<\/svg>/g, "")
        .replace(/\s*\n\s*/g, "")
        .replace(/ \/>/g, "/>");
      return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`;
    }),
  );
  // The licence asks to be named wherever the drawings go.
  const licence = "<!-- Icons: Lucide, ISC licence, https://lucide.dev/license -->";
  return Buffer.from(`${licence}<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
}

const files = {
  "app.css": await bundle("styles/app.css"),
  "app.js": await bundle("src/app.ts"),
  "sign-in.js": await bundle("src/sign-in.ts"),
  "icons.svg": await sprite(),
  "favicon.svg": await readFile(new URL("favicon.svg", here)),
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const manifest = {};
const sizes = [];
for (const [name, content] of Object.entries(files)) {
  const br = brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
  const gz = gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
  await writeFile(new URL(name, dist), content);
  await writeFile(new URL(`${name}.br`, dist), br);
  await writeFile(new URL(`${name}.gz`, dist), gz);
  manifest[name] = {
    hash: createHash("sha256").update(content).digest("hex").slice(0, 16),
    type: TYPES[name.split(".").pop()],
    bytes: content.length,
    br: br.length,
    gz: gz.length,
  };
  const budget = BUDGETS[name];
  const over = budget && br.length > budget ? `  OVER ITS BUDGET OF ${budget}` : "";
  sizes.push(`${name.padEnd(12)} ${String(content.length).padStart(7)}  br ${String(br.length).padStart(6)}  gz ${String(gz.length).padStart(6)}${over}`);
  if (over) process.exitCode = 1;
}
await writeFile(new URL("manifest.json", dist), `${JSON.stringify(manifest, null, 2)}\n`);
// Last, so that nobody who stops reading leaves half a build behind.
console.log(sizes.join("\n"));
