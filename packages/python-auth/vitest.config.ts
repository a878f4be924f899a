import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

// As a bundler of a platform at the edge, which hands over a module that is compiled already.
const compiledModules = {
  name: "compiled-modules",
  enforce: "pre",
  load(id: string): string | undefined {
    if (!id.endsWith(".wasm?module")) return undefined;
    const text = readFileSync(id.replace("?module", "")).toString("base64");
    return `export default new WebAssembly.Module(Buffer.from("${text}", "base64"));`;
  },
} as const;

const config: ViteUserConfig = defineConfig({
  plugins: [compiledModules],
  resolve: {
    alias: [
      { find: "#wasm", replacement: fileURLToPath(new URL("src/wasm/inline.ts", import.meta.url)) },
      {
        find: /^@bymax-one\/python-auth\/(\w+)$/,
        replacement: fileURLToPath(new URL("src/$1/index.ts", import.meta.url)),
      },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    environment: "node",
    // Next runs components in a storage that it looks for when any of its modules is first loaded.
    setupFiles: ["next/dist/server/node-environment-baseline.js"],
    // Every test restores what it replaces, and a fresh process for each file would double the time.
    isolate: false,
    pool: "forks",
    testTimeout: 60_000,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      // Only the tests of the contract read it.
      exclude: ["src/shared/wire-fixtures.generated.ts"],
      reporter: ["text"],
      thresholds: { lines: 100, branches: 100, functions: 100, statements: 100 },
    },
  },
});

export default config;
