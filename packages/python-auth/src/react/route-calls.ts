import { ROUTE_CALLS, type RouteCalls } from "../client/route-calls.ts";
import type { SessionStore } from "./session-store.ts";

/**
 * Returns the calls of the routes that `AuthClient` has no method for.
 *
 * @throws Error the client was not made by `createAuthClient`
 */
export function routeCalls({ options }: SessionStore): RouteCalls {
  const calls = (options.client as { [ROUTE_CALLS]?: RouteCalls })[ROUTE_CALLS];
  if (calls === undefined) throw new Error("Needs createAuthClient.");
  return calls;
}

/** Returns a path with a value in the place of its parameter. */
export function pathWith(path: string, value: string): string {
  return path.replace(/:\w+/, encodeURIComponent(value));
}
