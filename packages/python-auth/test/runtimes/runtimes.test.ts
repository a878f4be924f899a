import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { EdgeRuntime } from "edge-runtime";
import { afterAll, expect, test } from "vitest";
import { vectors } from "../edge/tokens.ts";
import { bundle, expression, external, judgeVectors } from "./bundle.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const wasm = readFileSync(join(root, "wasm/verifier.wasm"));
const folder = mkdtempSync(join(tmpdir(), "python-auth-runtimes-"));
const usual = vectors.filter(({ expLeeway, iatLeeway }) => expLeeway === 0 && iatLeeway === 60).length;
const right = { wrong: [], judged: usual };

afterAll(() => rmSync(folder, { recursive: true }));

function inFolder(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

test("Node loads it as an ES module and as CommonJS, and imports run nothing", () => {
  const list = join(root, "../../conformance/jwt-vectors.json");
  const body = `misjudged(JSON.parse(require("node:fs").readFileSync(${JSON.stringify(list)}))).then((found) => {
    process.stdout.write(JSON.stringify(found));
  });`;
  const watched = "const compile = WebAssembly.Module; let compiled = 0;";
  const esm = `${judgeVectors.replace("export ", "")}
    import { createRequire } from "node:module"; const require = createRequire(import.meta.url); ${body}`;
  const cjs = `${watched} WebAssembly.Module = class extends compile { constructor(b) { super(b); compiled += 1; } };
    ${judgeVectors.replace("export ", "").replace(/import (.*) from (.*);/, "const $1 = require($2);")}
    if (compiled !== 0) throw new Error("compiled at import");
    ${body}`;
  const run = (type: string, code: string) =>
    JSON.parse(
      execFileSync(process.execPath, [`--input-type=${type}`, "--eval", code], {
        cwd: root,
        encoding: "utf8",
      }),
    );
  expect(run("module", esm)).toEqual(right);
  expect(run("commonjs", cjs)).toEqual(right);
});

test("the edge runtime of Next judges every vector alike, with a module that it was handed", async () => {
  const code = await bundle(judgeVectors, ["edge-light", "browser"], expression("globalThis.verifierModule"));
  const runtime = new EdgeRuntime({
    // Whoever hosts it forbids code generation, which the local runtime does not.
    codeGeneration: { strings: false, wasm: false },
    extend: (context) => Object.assign(context, { verifierModule: new WebAssembly.Module(wasm), vectors }),
    initialCode: code.replace(/export \{[^}]*\};?\s*$/, "globalThis.misjudged = misjudged;"),
  });
  expect(code.includes("AGFzbQ")).toBe(false);
  expect(await runtime.evaluate("misjudged(vectors)")).toEqual(right);
});

test("workerd judges every vector alike", async () => {
  const worker = `${judgeVectors}
    import vectors from "vectors";
    export default {
      async test() {
        const { wrong, judged } = await misjudged(vectors);
        if (wrong.length > 0 || judged !== ${usual}) throw new Error(wrong.join("\\n"));
      },
    };`;
  const code = await bundle(worker.replace("export async", "async"), ["workerd"], external("verifier.wasm"));
  inFolder("worker.mjs", code);
  inFolder("verifier.wasm", wasm);
  inFolder("vectors.json", JSON.stringify(vectors));
  const config = inFolder(
    "config.capnp",
    `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (services = [(name = "main", worker = (
      compatibilityDate = "2026-01-01",
      modules = [
        (name = "worker.mjs", esModule = embed "worker.mjs"),
        (name = "verifier.wasm", wasm = embed "verifier.wasm"),
        (name = "vectors", json = embed "vectors.json"),
      ],
    ))]);`,
  );
  const { default: workerd } = createRequire(import.meta.url)("workerd") as { default: string };
  const output = execFileSync(workerd, ["test", config], { encoding: "utf8", stdio: "pipe" });
  expect(output).not.toContain("FAIL");
});

test("a bundle for browsers holds neither the verifier nor its caller, and fails when it is loaded", async () => {
  const code = await bundle(
    `import { decodeJwtToken, verifyJwtToken } from "@bymax-one/python-auth/edge"; verifyJwtToken(decodeJwtToken("").sub);`,
    [],
    external("verifier.wasm"),
    "browser",
  );
  expect(code.includes("AGFzbQ")).toBe(false);
  expect(code.includes("WebAssembly")).toBe(false);
  const file = inFolder("browser.mjs", code);
  await expect(import(/* @vite-ignore */ pathToFileURL(file).href)).rejects.toThrow("Client Component");
});
