// Fails when an entry is larger than its ceiling: minified ESM, gzip -9, other packages and entries excluded.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const KIB = 1024;
const CEILINGS = { shared: 4 * KIB, client: 4 * KIB, react: 3 * KIB, components: 6 * KIB };

let tooLarge = false;
for (const [entry, ceiling] of Object.entries(CEILINGS)) {
  const built = await build({
    entryPoints: [`dist/${entry}/index.mjs`],
    bundle: true,
    minify: true,
    format: "esm",
    packages: "external",
    // The paths of the compiler would put the other entries inside.
    tsconfigRaw: {},
    write: false,
  });
  const size = gzipSync(built.outputFiles[0].contents, { level: 9 }).length;
  console.log(`${entry.padEnd(8)} ${String(size).padStart(6)} of ${ceiling} bytes`);
  tooLarge ||= size > ceiling;
}
process.exit(tooLarge ? 1 : 0);
