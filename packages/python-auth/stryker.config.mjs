/** Mutation testing: `node --run mutate` writes every place that it changes to `coverage/mutation.json` too. */
export default {
  mutate: ["src/client/**/*.ts", "src/nextjs/**/*.ts"],
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "vitest.mutation.config.ts" },
  // TypeScript 7 has no interface by which Stryker could rewrite its configuration, which no test reads.
  tsconfigFile: "none",
  coverageAnalysis: "perTest",
  concurrency: 1,
  // A busy machine must not turn a change that no test notices into one that takes too long.
  timeoutMS: 20_000,
  ignorePatterns: [".stryker-tmp", "coverage", "dist"],
  // Tests read the vectors beside the folder of the packages.
  tempDirName: ".stryker-tmp/packages",
  buildCommand: "ln -sfn ../../../conformance ../../conformance",
  reporters: ["clear-text", "json", "progress-append-only"],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false, allowEmojis: false },
  jsonReporter: { fileName: "coverage/mutation.json" },
  thresholds: { high: 95, low: 85, break: 85 },
};
