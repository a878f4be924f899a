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

/** What the module says; the claims are those of a token that is valid, or only expired. */
export interface Verdict {
  readonly status: number;
  readonly claims: Uint8Array | undefined;
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
  verify(...lengthsClockAndLeeways: number[]): number;
}

const ABI_VERSION = 1;

export class Verifier {
  readonly #exports: Exports;
  readonly #memory: Uint8Array;
  readonly #input: Uint8Array;
  readonly #encoder = new TextEncoder();

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
    const { token, secret, issuer, audience, type } = question;
    const lengths: number[] = [];
    let used = 0;
    for (const part of [token, secret, issuer, audience, type]) {
      const written = part === undefined ? -1 : this.#write(part, used);
      if (written === undefined) {
        this.#input.fill(0);
        return { status: TOO_LARGE, claims: undefined };
      }
      lengths.push(written);
      used += Math.max(written, 0);
    }
    const status = this.#exports.verify(...lengths, question.now, question.expLeeway, question.iatLeeway);
    return { status, claims: status === VALID || status === EXPIRED ? this.#output() : undefined };
  }

  /** Returns how many bytes a part has, undefined when there is no room for it. */
  #write(part: string, at: number): number | undefined {
    const { read, written } = this.#encoder.encodeInto(part, this.#input.subarray(at));
    return read === part.length ? written : undefined;
  }

  #output(): Uint8Array {
    const start = this.#exports.out_ptr();
    return this.#memory.slice(start, start + this.#exports.out_len());
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
