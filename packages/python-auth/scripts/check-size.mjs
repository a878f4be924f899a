// Fails when an entry is larger than its ceiling: minified ESM, gzip -9, other packages and entries excluded.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const KIB = 1024;
const CEILINGS = {
  shared: 4 * KIB,
  client: 4 * KIB,
  edge: 4 * KIB,
  react: 3 * KIB,
  components: 8 * KIB,
  nextjs: 12 * KIB,
};
const MODULE_CEILING = 24 * KIB;

let tooLarge = false;
for (const [entry, ceiling] of Object.entries(CEILINGS)) {
  const built = await build({
    entryPoints: [`dist/${entry}/index.mjs`],
    bundle: true,
    minify: true,
    format: "esm",
    packages: "external",
    // What loads the module has a ceiling of its own.
    external: ["#wasm"],
    // The paths of the compiler would put the other entries inside.
    tsconfigRaw: {},
    write: false,
  });
  weigh(entry, built.outputFiles[0].contents, ceiling);
}
weigh("wasm", readFileSync("wasm/verifier.wasm"), MODULE_CEILING);
process.exit(tooLarge ? 1 : 0);

function weigh(name, contents, ceiling) {
  const size = gzipSync(contents, { level: 9 }).length;
  console.log(`${name.padEnd(8)} ${String(size).padStart(6)} of ${ceiling} bytes`);
  tooLarge ||= size > ceiling;
}
