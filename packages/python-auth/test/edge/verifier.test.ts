import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Question, Verifier } from "../../src/edge/verifier.ts";
import { loadVerifier as inline } from "../../src/wasm/inline.ts";
import { CLAIMS, NOW, SECRET, sign } from "./tokens.ts";

const TOKEN = sign(CLAIMS);
const QUESTION: Question = {
  token: TOKEN,
  secret: SECRET,
  issuer: undefined,
  audience: undefined,
  type: undefined,
  now: NOW,
  expLeeway: 0,
  iatLeeway: 60,
};

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Lets a test look into the memory of every instance that is made meanwhile. */
function spiedMemory(): () => Buffer {
  let memory: WebAssembly.Memory | undefined;
  const { Instance } = WebAssembly;
  const { CompileError, Module, RuntimeError } = WebAssembly;
  vi.stubGlobal("WebAssembly", {
    CompileError,
    Module,
    RuntimeError,
    Instance: class {
      readonly exports: WebAssembly.Exports;
      constructor(module: WebAssembly.Module) {
        this.exports = new Instance(module, {}).exports;
        memory = this.exports.memory as WebAssembly.Memory;
      }
    },
  });
  return () => Buffer.from((memory as WebAssembly.Memory).buffer);
}

/** A module with the same exports, of which two are given; written byte by byte, as no compiler is at hand. */
function otherModule(version: number, verify: readonly number[]): WebAssembly.Module {
  const [i32, f64, i32Const, end] = [0x7f, 0x7c, 0x41, 0x0b];
  const sized = (content: readonly number[]) => [content.length, ...content];
  const section = (id: number, content: readonly number[]) => [id, ...sized(content)];
  const body = (code: readonly number[]) => sized([0, ...code, end]);
  const returning = (...leb128: readonly number[]) => body([i32Const, ...leb128]);
  const name = (text: string) => sized([...Buffer.from(text)]);
  const names = ["abi_version", "in_ptr", "in_cap", "out_ptr", "out_len", "verify"];
  const parameters = [i32, i32, i32, i32, i32, f64, i32, i32];
  const capacity = [0x80, 0x80, 0x01];
  return new WebAssembly.Module(
    Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, [2, 0x60, 0, 1, i32, 0x60, ...sized(parameters), 1, i32]),
      ...section(3, [6, 0, 0, 0, 0, 0, 1]),
      ...section(5, [1, 1, 1, 1]),
      ...section(7, [7, ...name("memory"), 2, 0, ...names.flatMap((text, at) => [...name(text), 0, at])]),
      ...section(10, [
        ...[6, ...returning(version), ...returning(0), ...returning(...capacity)],
        ...[...returning(0), ...returning(0), ...body(verify)],
      ]),
    ]),
  );
}
const UNREACHABLE = [0x00];
const ALWAYS_VALID = [0x41, 0];

test("a module of another version is refused, whatever it would say", () => {
  expect(() => new Verifier(otherModule(2, ALWAYS_VALID))).toThrow("version");
  expect(new Verifier(otherModule(1, ALWAYS_VALID)).judge(QUESTION).status).toBe(0);
});

test("a module that stops leaves no secret in its memory", () => {
  const memory = spiedMemory();
  const verifier = new Verifier(otherModule(1, UNREACHABLE));
  expect(() => verifier.judge(QUESTION)).toThrow(WebAssembly.RuntimeError);
  expect(memory().every((byte) => byte === 0)).toBe(true);
});

describe("in the memory of the module", () => {
  test.each([
    ["a valid token", QUESTION],
    ["a forged one", { ...QUESTION, token: sign(CLAIMS, undefined, "other") }],
    ["a malformed one", { ...QUESTION, token: `${TOKEN}=` }],
    ["one that is too long", { ...QUESTION, token: TOKEN.padEnd(5000, "a") }],
    ["parts for which there is no room", { ...QUESTION, type: "t".repeat(16_384) }],
    ["a part that does not fit by one byte", { ...QUESTION, type: "é".repeat(8_192) }],
  ])("neither secret nor signature stays after %s", (_, question) => {
    const memory = spiedMemory();
    new Verifier(inline()).judge(question);
    expect(memory().includes(SECRET)).toBe(false);
    expect(memory().includes(TOKEN.slice(-40))).toBe(false);
  });
});

test("what does not fit is too large, and the next token is judged as ever", () => {
  const verifier = new Verifier(inline());
  expect(verifier.judge({ ...QUESTION, issuer: "i".repeat(20_000) })).toEqual({
    status: 21,
    claims: undefined,
  });
  expect(verifier.judge({ ...QUESTION, token: "a".repeat(20_000) }).status).toBe(21);
  expect(verifier.judge({ ...QUESTION, secret: "s".repeat(4097) }).status).toBe(21);
  expect(verifier.judge(QUESTION).status).toBe(0);
});

test("claims come with the statuses of valid and expired tokens only", () => {
  const verifier = new Verifier(inline());
  const read = (question: Question) => {
    const { status, claims } = verifier.judge(question);
    return [status, claims && JSON.parse(claims)];
  };
  expect(read(QUESTION)).toEqual([0, CLAIMS]);
  expect(read({ ...QUESTION, now: CLAIMS.exp })).toEqual([1, CLAIMS]);
  expect(read({ ...QUESTION, issuer: "x" })).toEqual([3, undefined]);
});

describe("the verifier of an isolate", () => {
  test("is not made before it is asked, and anew after a failure", async () => {
    vi.resetModules();
    const real = WebAssembly;
    let compiled = 0;
    let allowed = false;
    const modules = class {
      constructor(bytes: BufferSource) {
        compiled += 1;
        // As an isolate says that forbids code generation.
        if (!allowed) throw new real.CompileError("disallowed by embedder");
        // biome-ignore lint/correctness/noConstructorReturn: stands for the platform's constructor
        return new real.Module(bytes);
      }
    };
    vi.stubGlobal("WebAssembly", { Module: modules, Instance: real.Instance });
    const { judge } = await import("../../src/edge/verifier.ts");
    expect(compiled).toBe(0);
    expect(() => judge(QUESTION)).toThrow("disallowed");
    allowed = true;
    expect(judge(QUESTION).status).toBe(0);
    expect(judge(QUESTION).status).toBe(0);
    expect(compiled).toBe(2);
  });
});

test("both ways to load it bring the bytes that are committed", async () => {
  const committed = readFileSync(new URL("../../wasm/verifier.wasm", import.meta.url));
  const { bytes } = await import("../../src/wasm/bytes.ts");
  expect(Buffer.from(bytes, "base64").equals(committed)).toBe(true);
});
