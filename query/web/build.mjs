// Builds the bundle from the sources: index.html, and one script and one style sheet named by their content.
//   node build.mjs OUTPUT          the bundle
//   node build.mjs OUTPUT tests    the unit tests, for `node --test`
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { minify } from "terser";

const root = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const [output, mode] = process.argv.slice(2);

const options = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: ["es2022", "chrome123", "firefox120", "safari17.5"],
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
  // The scales map numbers only: interpolation of colours and formats of d3 would be a quarter of the bundle.
  alias: { "d3-interpolate": "./src/charts/d3_numbers.ts", "d3-format": "./src/charts/d3_numbers.ts" },
};

// A twentieth smaller than the output of esbuild.
const SMALLER = { module: true, ecma: 2020, compress: { passes: 3, pure_getters: true, unsafe_arrows: true } };

async function bundle() {
  const { outputFiles } = await build({
    ...options,
    entryPoints: { app: "src/main.tsx" },
    outdir: "/",
    minify: true,
    write: false,
  });
  await rm(output, { recursive: true, force: true });
  await mkdir(join(output, "assets"), { recursive: true });
  const names = {};
  for (const { path, contents } of outputFiles) {
    const kind = path.endsWith(".css") ? "css" : "js";
    const text = new TextDecoder().decode(contents);
    const code = kind === "js" ? (await minify(text, SMALLER)).code : text;
    const hash = createHash("sha256").update(code).digest("hex").slice(0, 12);
    names[kind] = `app-${hash}.${kind}`;
    await writeFile(join(output, "assets", names[kind]), code);
  }
  const page = await readFile(join(root, "index.html"), "utf8");
  await writeFile(join(output, "index.html"), page.replace("{{style}}", names.css).replace("{{script}}", names.js));
}

async function tests() {
  const files = (await readdir(join(root, "tests"))).filter((name) => name.endsWith(".test.ts"));
  await build({
    ...options,
    entryPoints: files.map((name) => join("tests", name)),
    outdir: output,
    outExtension: { ".js": ".mjs" },
    platform: "node",
    target: "node18",
  });
}

await (mode === "tests" ? tests() : bundle());
