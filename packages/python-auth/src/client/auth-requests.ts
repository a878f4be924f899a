import { buildAuthRefreshSkipSuffixes } from "@bymax-one/python-auth/shared";
import { attempt, callersSignal, unlessAborted } from "./attempt.ts";
import { discard } from "./discard.ts";
import { errorCode } from "./error-code.ts";
import { type Refreshes, refreshesOf } from "./refreshes.ts";
import { isReplayable } from "./request-body.ts";
import { mergedHeaders } from "./request-headers.ts";
import { sendBearerRefresh, sendCookieRefresh } from "./send-refresh.ts";
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

/** The requests of one client, and its refreshes. */
export interface AuthRequests {
  readonly fetch: AuthFetch;
  readonly refreshes: Refreshes;
}

/** Returns the requests of one configuration. */
export function authRequests(config: AuthFetchConfig): AuthRequests {
  const { baseUrl, tokenStore, timeout = DEFAULT_TIMEOUT, routePrefix = DEFAULT_PREFIX } = config;
  const credentials = config.credentials ?? (tokenStore === undefined ? "include" : "omit");
  const skipped = buildAuthRefreshSkipSuffixes(routePrefix);
  const refreshes = refreshesWith(config, credentials, timeout);

  function mayRefresh(input: RequestInfo | URL, init: RequestInit | undefined, hasItsOwn: boolean): boolean {
    const path = pathOf(input instanceof Request ? input.url : String(input));
    if (skipped.some((suffix) => path.endsWith(suffix)) || !isReplayable(input, init)) return false;
    // New tokens would not change a request that has its own.
    return tokenStore === undefined || !hasItsOwn;
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
    const generation = refreshes.generation();
    const sent = await stored();
    const response = await sendWith(sent);
    if (response.status !== 401 || !mayRefresh(input, init, hasItsOwn)) return response;
    const code = await errorCode(response);
    if (code !== undefined && code !== EXPIRED) return response;
    // What one person has sent is not repeated for another, who signed in meanwhile.
    if (!isSamePerson(sent, await stored())) return response;
    const renewed = await unlessAborted(() => refreshes.since(generation), callersSignal(input, init ?? {}));
    const tokens = await stored();
    if (!renewed || !isSamePerson(sent, tokens)) return response;
    discard(response);
    return sendWith(tokens);
  }

  return { fetch: fetchRefreshed, refreshes };
}

function refreshesWith(config: AuthFetchConfig, credentials: RequestCredentials, timeout: number): Refreshes {
  const { baseUrl = "", tokenStore, syncTabs = true, routePrefix = DEFAULT_PREFIX } = config;
  const ofServer = routeUrl(baseUrl, routePrefix, "refresh");
  const given = config.refreshEndpoint ?? (tokenStore === undefined ? DEFAULT_ENDPOINT : ofServer);
  const request = { endpoint: refreshUrl(given, baseUrl), credentials, timeout };
  const { sessionSignalName: signal } = config;
  // The server may put a prefix such as `__Host-` in front of the name.
  const isNobody = () => signal !== undefined && globalThis.document?.cookie.includes(`${signal}=`) === false;
  const withCookies = async () => (isNobody() ? null : sendCookieRefresh(request));
  const send =
    tokenStore !== undefined
      ? () => sendBearerRefresh(request, tokenStore)
      : syncTabs
        ? () => oneTabAtATime(request.endpoint, withCookies)
        : withCookies;
  return refreshesOf(send, config);
}
