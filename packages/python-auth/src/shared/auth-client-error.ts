import type { AuthErrorResponse } from "./auth-error.types.ts";
import type { AuthErrorCode } from "./error-codes.ts";

/** A code of the library, or one of an application's own; editors still offer the library's. */
export type AuthResponseCode = AuthErrorCode | (string & {});

const BRAND = Symbol.for("bymax.auth.AuthClientError");

/** A refusal of the server, or an answer that could not be used. */
export class AuthClientError extends Error {
  override readonly name = "AuthClientError";
  /** The HTTP status. */
  readonly status: number;
  /** The code of the refusal; `undefined` where the answer has none. */
  readonly code: AuthResponseCode | undefined;
  /** The refusal; `undefined` where the answer is none of the library's. */
  readonly body: AuthErrorResponse | undefined;

  constructor(message: string, status: number, body?: AuthErrorResponse) {
    super(message);
    Object.setPrototypeOf(this, new.target.prototype);
    Object.defineProperty(this, BRAND, { value: true });
    this.status = status;
    this.code = body?.code;
    this.body = body;
  }

  /** Returns what may be logged: never the body, because servers may repeat in it what was sent. */
  toJSON(): { name: string; message: string; status: number; code: AuthResponseCode | undefined } {
    return { name: this.name, message: this.message, status: this.status, code: this.code };
  }

  // A program may hold the ES module and the CommonJS module, with a class each: both make the same errors.
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a subclass has its own instances only.
    if (this !== AuthClientError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && BRAND in value;
  }
}
