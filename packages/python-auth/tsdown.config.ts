import { defineConfig, type UserConfig } from "tsdown";

const shared: UserConfig = {
  platform: "neutral",
  target: "es2022",
  dts: true,
  sourcemap: true,
  // Each entry imports the others by their public names, so that one copy of every class is loaded; `#wasm`
  // and the module behind it are chosen by whoever loads the package.
  deps: { neverBundle: [/^@bymax-one\/python-auth\//, "#wasm", "server-only", /^next\//, /\.wasm\?module$/] },
  // The directives of `./react` and `./components` are kept, as `scripts/check-build.mjs` checks.
  inputOptions: { checks: { moduleLevelDirective: false } },
  // A bare `.d.ts` is an ES module in this package, as its `type` says.
  outExtensions: ({ format }) =>
    format === "cjs" ? { js: ".cjs", dts: ".d.cts" } : { js: ".mjs", dts: ".d.ts" },
};

const config: UserConfig[] = defineConfig([
  {
    ...shared,
    entry: {
      "shared/index": "src/shared/index.ts",
      "client/index": "src/client/index.ts",
      "react/index": "src/react/index.ts",
      "components/index": "src/components/index.ts",
      "edge/index": "src/edge/index.ts",
      "nextjs/index": "src/nextjs/index.ts",
      "wasm/inline": "src/wasm/inline.ts",
    },
    format: ["esm", "cjs"],
  },
  {
    ...shared,
    // What only runtimes with ES modules load.
    entry: { guard: "src/guard.ts", "wasm/module": "src/wasm/module.ts" },
    format: "esm",
    clean: false,
  },
]);

export default config;
