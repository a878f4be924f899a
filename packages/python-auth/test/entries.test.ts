import { fileURLToPath } from "node:url";
import { type BuildResult, build } from "esbuild";
import { expect, test } from "vitest";

const root: string = fileURLToPath(new URL("../", import.meta.url));

/** Returns the files that an entry reaches, also by a dynamic import, and all of their code. */
async function reached(
  entry: string,
  tsconfig: "its paths" | "none",
): Promise<[files: string[], code: string]> {
  const built: BuildResult<{ metafile: true; write: false }> = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    // As for a server: for a browser the map of the package would put the guard in place of what is looked for.
    platform: "neutral",
    external: ["react", "next", "server-only", "*.wasm?module"],
    ...(tsconfig === "none" ? { tsconfigRaw: {} } : { tsconfig: "tsconfig.json" }),
    metafile: true,
    write: false,
  });
  return [Object.keys(built.metafile.inputs), built.outputFiles.map(({ text }) => text).join("")];
}

const FOR_SERVERS = /(?:^|\/)(?:edge|nextjs|wasm)\/|\.wasm$|guard\./;
const ENTRIES = ["shared", "client", "react", "components"];

test.each([
  ...ENTRIES.map((entry) => [`src/${entry}/index.ts`, "its paths"] as const),
  ...ENTRIES.flatMap((entry) =>
    ["mjs", "cjs"].map((format) => [`dist/${entry}/index.${format}`, "none"] as const),
  ),
])("%s reaches nothing that verifies tokens", async (entry, tsconfig) => {
  const [files, code] = await reached(entry, tsconfig);
  expect(files).toContain(entry);
  expect(files.filter((file) => FOR_SERVERS.test(file))).toEqual([]);
  expect(code).not.toContain("WebAssembly");
});

// What the test above looks for is found where it is.
test.each([
  ["src/nextjs/index.ts", "its paths", "src/wasm/inline.ts"],
  ["dist/nextjs/index.mjs", "none", "dist/wasm/inline.mjs"],
  ["dist/nextjs/index.cjs", "none", "dist/wasm/inline.cjs"],
] as const)("%s reaches the verifier", async (entry, tsconfig, verifier) => {
  const [files, code] = await reached(entry, tsconfig);
  expect(files.filter((file) => FOR_SERVERS.test(file))).toContain(verifier);
  expect(code).toContain("WebAssembly");
});
