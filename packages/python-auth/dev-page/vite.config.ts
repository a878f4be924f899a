import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The page of `bymax-auth dev`: one script and one style, under names that the Python package refers to. */
const config: UserConfig = defineConfig({
  root: here("."),
  publicDir: false,
  resolve: {
    alias: [{ find: /^@bymax-one\/python-auth\/(\w+)$/, replacement: here("../src/$1/index.ts") }],
  },
  build: {
    emptyOutDir: false,
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: false,
    cssCodeSplit: false,
    license: { fileName: "page.licenses.md" },
    rolldownOptions: {
      input: here("main.tsx"),
      checks: { moduleLevelDirective: false },
      output: { entryFileNames: "page.js", assetFileNames: "page[extname]", codeSplitting: false },
    },
  },
});

export default config;
