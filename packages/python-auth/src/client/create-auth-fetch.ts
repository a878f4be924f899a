import { buildAuthRefreshSkipSuffixes } from "@bymax-one/python-auth/shared";
import { attempt, callersSignal, unlessAborted } from "./attempt.ts";
import { discard } from "./discard.ts";
import { errorCode } from "./error-code.ts";
import { type InTurn, type Refreshes, refreshesOf, type Send } from "./refreshes.ts";
import { isReplayable } from "./request-body.ts";
import { mergedHeaders } from "./request-headers.ts";
import { type RefreshRequest, sendBearerRefresh, sendCookieRefresh } from "./send-refresh.ts";
import { oneTabAtATime } from "./tab-lock.ts";
import { bearer, isSamePerson, type MaybeTokens } from "./tokens.ts";
import type { AuthFetch, AuthFetchConfig } from "./types.ts";
import { joined, pathOf, refreshUrl, routeUrl } from "./urls.ts";

/** Where the server mounts its routes. */
export const DEFAULT_PREFIX = "auth";

const DEFAULT_TIMEOUT = 30_000;
const DEFAULT_ENDPOINT = "/api/auth/client-refresh";
const AUTHORIZATION = "authorization";
const EXPIRED = "auth.token_invalid";

/** The refreshes of each `fetch`, under the path of its prefix. */
const REFRESHES = new WeakMap<AuthFetch, ReadonlyMap<string, Refreshes>>();

/** Returns a prefix as an address has it: a space as `%20`, and without `..`. */
function prefixPath(routePrefix: string): string {
  return pathOf(routeUrl("", routePrefix, ""));
}

/**
 * Returns the refreshes of a `fetch` that `createAuthFetch` made with this prefix; none for any other.
 *
 * With another prefix it would take the refusal of a client's refresh for one that a refresh could change, and wait
 * for that refresh itself.
 */
export function refreshesBehind(authFetch: AuthFetch, routePrefix: string): Refreshes | undefined {
  return REFRESHES.get(authFetch)?.get(prefixPath(routePrefix));
}

/**
 * Returns a `fetch` that keeps a session alive.
 *
 * A 401 that says that the session expired is answered by one refresh, shared by all requests that need one,
 * and by one repetition of the request. Any other answer is returned as it is.
 */
export function createAuthFetch(config: AuthFetchConfig = {}): AuthFetch {
  const { baseUrl = "", tokenStore, timeout = DEFAULT_TIMEOUT, routePrefix = DEFAULT_PREFIX } = config;
  const {
    credentials = tokenStore ? "omit" : "include",
    refreshEndpoint = tokenStore ? routeUrl(baseUrl, routePrefix, "refresh") : DEFAULT_ENDPOINT,
  } = config;
  const path = prefixPath(routePrefix);
  const skipped = buildAuthRefreshSkipSuffixes(path);
  const endpoint = refreshUrl(refreshEndpoint, baseUrl);
  const refreshes = refreshesWith({ endpoint, credentials, timeout }, config);

  function isSkipped(input: RequestInfo | URL): boolean {
    const pathname = pathOf(input instanceof Request ? input.url : String(input));
    return skipped.some((suffix) => pathname.endsWith(suffix));
  }

  async function fetchRefreshed(given: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const input = typeof given === "string" ? joined(baseUrl, given) : given;
    const headers = mergedHeaders(input, init, config.defaultHeaders);
    const hasItsOwn = headers.has(AUTHORIZATION);
    const stored = async () => (hasItsOwn ? null : tokenStore?.get());
    const sendWith = (tokens: MaybeTokens): Promise<Response> => {
      if (tokens) headers.set(AUTHORIZATION, bearer(tokens));
      return attempt(input, { credentials, ...init, headers }, timeout);
    };
    const renewed = refreshes.departing();
    const sent = await stored();
    const response = await sendWith(sent);
    if (response.status !== 401 || isSkipped(input) || !isReplayable(input, init)) return response;
    // New tokens would not change a request that has its own.
    if (tokenStore && hasItsOwn) return response;
    const code = await errorCode(response);
    if (code != null && code !== EXPIRED) return response;
    // What one person has sent is not repeated for another, who signed in meanwhile.
    if (!isSamePerson(sent, await stored())) return response;
    if (!(await unlessAborted(renewed, callersSignal(input, init ?? {})))) return response;
    const tokens = await stored();
    if (!isSamePerson(sent, tokens)) return response;
    discard(response);
    return sendWith(tokens);
  }

  REFRESHES.set(fetchRefreshed, new Map([[path, refreshes]]));
  return fetchRefreshed;
}

function refreshesWith(request: RefreshRequest, config: AuthFetchConfig): Refreshes {
  const { tokenStore, syncTabs = true, sessionSignalName: signal } = config;
  // The server may put a prefix such as `__Host-` in front of the name.
  const isNobody = () => signal !== undefined && globalThis.document?.cookie.includes(`${signal}=`) === false;
  const withCookies: Send = async () => (isNobody() ? null : sendCookieRefresh(request));
  const send = tokenStore ? () => sendBearerRefresh(request, tokenStore) : withCookies;
  // Tabs that have tokens of their own need not wait for each other.
  const inTurn: InTurn =
    syncTabs && !tokenStore
      ? (sent, isNeeded) => oneTabAtATime(request.endpoint, sent, isNeeded)
      : (sent) => sent();
  return refreshesOf(send, inTurn, config);
}
