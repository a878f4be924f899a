/** The verifier's module behind one method; how it is laid out is said in `wasm/src/verifier.zig`. */
import { loadVerifier } from "#wasm";

/** A token and what it is asked about; undefined asks for nothing. */
export interface Question {
  readonly token: string;
  readonly secret: string;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly type: string | undefined;
  /** Seconds since 1970. */
  readonly now: number;
  readonly expLeeway: number;
  readonly iatLeeway: number;
}

/** What the module says; the claims are the JSON of a token that is valid, or only expired. */
export interface Verdict {
  readonly status: number;
  readonly claims: string | undefined;
}

export const VALID = 0;
const EXPIRED = 1;
export const SIGNATURE_INVALID = 18;
const TOO_LARGE = 21;

interface Exports {
  readonly memory: WebAssembly.Memory;
  abi_version(): number;
  in_ptr(): number;
  in_cap(): number;
  out_ptr(): number;
  out_len(): number;
  verify(
    tokenLength: number,
    secretLength: number,
    issuerLength: number,
    audienceLength: number,
    typeLength: number,
    now: number,
    expLeeway: number,
    iatLeeway: number,
  ): number;
}

const ABI_VERSION = 1;

export class Verifier {
  readonly #exports: Exports;
  readonly #memory: Uint8Array;
  readonly #input: Uint8Array;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  #used = 0;

  /** Throws when the module is another version than this code was written for. */
  constructor(module: WebAssembly.Module) {
    this.#exports = new WebAssembly.Instance(module, {}).exports as unknown as Exports;
    if (this.#exports.abi_version() !== ABI_VERSION) throw new Error("the verifier is of another version");
    // The memory never grows, so that a view of it stays valid.
    this.#memory = new Uint8Array(this.#exports.memory.buffer);
    const start = this.#exports.in_ptr();
    this.#input = this.#memory.subarray(start, start + this.#exports.in_cap());
  }

  /** Judges one token under one secret. Whatever happens, neither stays in the module's memory. */
  judge(question: Question): Verdict {
    try {
      return this.#judge(question);
    } catch (error) {
      this.#memory.fill(0);
      throw error;
    }
  }

  #judge(question: Question): Verdict {
    this.#used = 0;
    const token = this.#write(question.token);
    const secret = this.#write(question.secret);
    const issuer = this.#write(question.issuer);
    const audience = this.#write(question.audience);
    const type = this.#write(question.type);
    if (this.#used > this.#input.length) {
      this.#input.fill(0);
      return { status: TOO_LARGE, claims: undefined };
    }
    const { now, expLeeway, iatLeeway } = question;
    const status = this.#exports.verify(token, secret, issuer, audience, type, now, expLeeway, iatLeeway);
    return { status, claims: status === VALID || status === EXPIRED ? this.#output() : undefined };
  }

  /** Writes a part behind those before it, and returns how many bytes it has; -1 stands for what is not asked. */
  #write(part: string | undefined): number {
    if (part === undefined) return -1;
    const { read, written } = this.#encoder.encodeInto(part, this.#input.subarray(this.#used));
    this.#used += read === part.length ? written : Number.POSITIVE_INFINITY;
    return written;
  }

  #output(): string {
    const start = this.#exports.out_ptr();
    return this.#decoder.decode(this.#memory.subarray(start, start + this.#exports.out_len()));
  }
}

let shared: Verifier | undefined;

/** Judges with the one verifier of this isolate, which is made when it is first asked, and anew after a failure. */
export function judge(question: Question): Verdict {
  try {
    shared ??= new Verifier(loadVerifier());
    return shared.judge(question);
  } catch (error) {
    shared = undefined;
    throw error;
  }
}
