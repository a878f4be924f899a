import type { ViteUserConfig } from "vitest/config";
import usual from "./vitest.config.ts";

// The tests of what is changed; those of its users would notice the same a hundred times as slowly.
const config: ViteUserConfig = {
  ...usual,
  test: { ...usual.test, include: ["test/{client,nextjs}/**/*.test.ts"] },
};

export default config;
