import { attempt } from "./attempt.ts";
import { asRecord } from "./error-code.ts";
import { outcomeOf, pauseOf } from "./refresh-outcome.ts";
import type { FinishedRefresh } from "./refreshes.ts";
import type { AuthTokenStore, AuthTokens } from "./types.ts";

/** How a refresh is posted. */
export interface RefreshRequest {
  readonly endpoint: string;
  readonly credentials: RequestCredentials;
  readonly timeout: number;
}

/** Asks for tokens in bodies: a server that has both ways gives a browser cookies unless it chooses. */
export const IN_BODIES: Readonly<Record<string, string>> = { "X-Auth-Delivery": "bearer" };

const UNREACHABLE: FinishedRefresh = {
  outcome: { ok: false, reason: "unreachable", status: null },
  pause: 0,
};

/** Posts a refresh whose tokens travel in cookies. */
export async function sendCookieRefresh(request: RefreshRequest): Promise<FinishedRefresh> {
  try {
    const response = await post(request);
    // Without the handler of an application the default has no route, and every access token ends the session.
    if (response.status === 404 || response.status === 405) {
      console.warn(`[python-auth] No refresh at ${request.endpoint}: set refreshEndpoint.`);
    }
    return { outcome: await outcomeOf(response), pause: pauseOf(response) };
  } catch {
    return UNREACHABLE;
  }
}

/**
 * Posts a refresh with the stored token, and stores the new ones before anything is repeated.
 *
 * Returns `null` when there is no session to refresh, or none any more: a sign-out during the refresh stands.
 */
export async function sendBearerRefresh(
  request: RefreshRequest,
  store: AuthTokenStore,
): Promise<FinishedRefresh | null> {
  try {
    const sent = await store.get();
    if (sent === null) return null;
    const response = await post(request, { refreshToken: sent.refreshToken });
    const tokens = response.ok ? tokensIn(await response.json().catch(() => null)) : null;
    if (tokens === null) return await failed(response, sent, store);
    const current = await store.get();
    if (current?.refreshToken === sent.refreshToken) await store.set(tokens);
    return current === null ? null : { outcome: { ok: true }, pause: 0 };
  } catch {
    return UNREACHABLE;
  }
}

/** Returns the pair of tokens in an answer; `null` where it has not both. */
export function tokensIn(body: unknown): AuthTokens | null {
  const { accessToken, refreshToken } = asRecord(body);
  if (typeof accessToken !== "string" || typeof refreshToken !== "string") return null;
  return accessToken === "" || refreshToken === "" ? null : { accessToken, refreshToken };
}

async function failed(response: Response, sent: AuthTokens, store: AuthTokenStore): Promise<FinishedRefresh> {
  if (response.ok) {
    return { outcome: { ok: false, reason: "unavailable", status: response.status }, pause: 0 };
  }
  const outcome = await outcomeOf(response);
  const isOver = !outcome.ok && outcome.reason === "rejected";
  // A sign-in during the refresh has a session of its own.
  if (isOver && (await store.get())?.refreshToken === sent.refreshToken) await store.set(null);
  return { outcome, pause: pauseOf(response) };
}

function post(request: RefreshRequest, body?: object): Promise<Response> {
  const init: RequestInit = {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    credentials: request.credentials,
  };
  if (body !== undefined) {
    init.headers = { ...init.headers, ...IN_BODIES };
    init.body = JSON.stringify(body);
  }
  return attempt(request.endpoint, init, request.timeout);
}
