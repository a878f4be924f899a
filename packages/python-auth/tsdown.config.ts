import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({
  entry: {
    "shared/index": "src/shared/index.ts",
    "client/index": "src/client/index.ts",
    "react/index": "src/react/index.ts",
    "components/index": "src/components/index.ts",
  },
  format: ["esm", "cjs"],
  platform: "neutral",
  target: "es2022",
  dts: true,
  sourcemap: true,
  // Each entry imports the others by their public names, so that one copy of every class is loaded.
  deps: { neverBundle: [/^@bymax-one\/python-auth\//] },
  // The directives of `./react` and `./components` are kept, as `scripts/check-build.mjs` checks.
  inputOptions: { checks: { moduleLevelDirective: false } },
  // A bare `.d.ts` is an ES module in this package, as its `type` says.
  outExtensions: ({ format }) =>
    format === "cjs" ? { js: ".cjs", dts: ".d.cts" } : { js: ".mjs", dts: ".d.ts" },
});

export default config;
