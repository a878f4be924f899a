// Fails when an entry is larger than its ceiling: minified ESM, gzip -9, other packages and entries excluded.
// The verifier has one compressed and one as it is, and so have the files that hold it as text.
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
const MODULE = { path: "wasm/verifier.wasm", compressed: 24 * KIB, whole: 64 * KIB };
const LOADERS = { inline: "dist/wasm/inline.mjs", required: "dist/wasm/inline.cjs" };
const LOADER_CEILING = 90 * KIB;

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
  weigh(entry, compressed(built.outputFiles[0].contents), ceiling);
}
weigh("wasm", compressed(readFileSync(MODULE.path)), MODULE.compressed);
weigh("module", readFileSync(MODULE.path).length, MODULE.whole);
for (const [name, path] of Object.entries(LOADERS)) weigh(name, readFileSync(path).length, LOADER_CEILING);
process.exit(tooLarge ? 1 : 0);

function compressed(contents) {
  return gzipSync(contents, { level: 9 }).length;
}

function weigh(name, size, ceiling) {
  console.log(`${name.padEnd(8)} ${String(size).padStart(6)} of ${ceiling} bytes`);
  tooLarge ||= size > ceiling;
}
