import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { Verifier } from "../../src/edge/verifier.ts";
import { loadVerifier as inline } from "../../src/wasm/inline.ts";
import { loadVerifier as imported } from "../../src/wasm/module.ts";

test("a module that a bundler imports is the one that Node compiles from text", () => {
  const exported = WebAssembly.Module.exports(inline());
  expect(WebAssembly.Module.exports(imported())).toEqual(exported);
  expect(() => new Verifier(imported())).not.toThrow();
});

test("the guard throws when it is loaded, also where `server-only` does nothing", async () => {
  vi.doMock("server-only", () => ({}));
  await expect(import("../../src/guard.ts")).rejects.toThrow("is for servers");
});

test("the guard has every name of the entries that it stands for", async () => {
  const source = readFileSync(new URL("../../src/guard.ts", import.meta.url), "utf8");
  for (const name of Object.keys(await import("../../src/edge/index.ts"))) {
    expect(source).toContain(`export const ${name}`);
  }
});
