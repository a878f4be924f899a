import { authRequests } from "./auth-requests.ts";
import type { AuthFetch, AuthFetchConfig } from "./types.ts";

/**
 * Returns a `fetch` that keeps a session alive.
 *
 * A 401 that says that the session expired is answered by one refresh, shared by all requests that need one,
 * and by one repetition of the request. Any other answer is returned as it is.
 */
export function createAuthFetch(config: AuthFetchConfig = {}): AuthFetch {
  return authRequests(config).fetch;
}
