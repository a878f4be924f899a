import type { AuthResult } from "@bymax-one/python-auth/shared";

/**
 * Calls of the routes beyond the methods of `AuthClient`, for the hooks of `./react`.
 *
 * The interface of the client stays as it is, because applications write stand-ins for it.
 */
export interface RouteCalls {
  /** Returns the address of a route. */
  url(path: string): string;
  /** Returns the JSON of an answer. */
  read(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  /** Sends what has no answer but success. */
  done(path: string, body?: object, method?: string): Promise<void>;
  /** Sends what opens a session, and keeps its tokens. */
  session(path: string, body: object): Promise<AuthResult>;
  /** Returns the member that names the caller's session where tokens travel in bodies. */
  refreshToken(): Promise<{ refreshToken?: string }>;
}

/** Where a client keeps its calls; the ES module and the CommonJS module have the same key. */
export const ROUTE_CALLS: unique symbol = Symbol.for("bymax.auth.routes") as never;
