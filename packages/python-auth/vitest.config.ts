import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  resolve: {
    alias: [
      {
        find: /^@bymax-one\/python-auth\/(\w+)$/,
        replacement: fileURLToPath(new URL("src/$1/index.ts", import.meta.url)),
      },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    environment: "node",
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
