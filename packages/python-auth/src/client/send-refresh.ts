import { attempt } from "./attempt.ts";
import { finishedOf, REFRESHED } from "./refresh-outcome.ts";
import type { FinishedRefresh } from "./refreshes.ts";
import { JSON_TYPE } from "./request-headers.ts";
import { isSamePerson, replaced, tokensIn } from "./tokens.ts";
import type { AuthTokenStore, AuthTokens } from "./types.ts";
import { BODY_MILLISECONDS, within } from "./within.ts";

/** How a refresh is posted. */
export interface RefreshRequest {
  readonly endpoint: string;
  readonly credentials: RequestCredentials;
  readonly timeout: number;
}

/** Asks for tokens in bodies: a server that has both ways gives a browser cookies unless it chooses. */
export const IN_BODIES: Readonly<Record<string, string>> = { "X-Auth-Delivery": "bearer" };

const UNREACHABLE: FinishedRefresh = { outcome: { ok: false, reason: "unreachable", status: null } };

/** Posts a refresh whose tokens travel in cookies. */
export async function sendCookieRefresh(request: RefreshRequest): Promise<FinishedRefresh> {
  try {
    const response = await post(request);
    // Without the handler of an application the default has no route, and every access token ends the session.
    if (response.status === 404 || response.status === 405) {
      console.warn(`[python-auth] No refresh at ${request.endpoint}: set refreshEndpoint.`);
    }
    return await finishedOf(response);
  } catch {
    return UNREACHABLE;
  }
}

/**
 * Posts a refresh with the stored token, and stores the new ones before anything is repeated.
 *
 * Returns `null` when there is no session to refresh, or not that one any more: a sign-out or the sign-in of somebody
 * else meanwhile stands, and nobody is told of what became of the session before it.
 */
export async function sendBearerRefresh(
  request: RefreshRequest,
  store: AuthTokenStore,
): Promise<FinishedRefresh | null> {
  try {
    const sent = await store.get();
    if (!sent) return null;
    const response = await post(request, IN_BODIES, JSON.stringify({ refreshToken: sent.refreshToken }));
    if (!response.ok) return await refused(response, sent, store);
    const tokens = tokensIn(await within(BODY_MILLISECONDS, response.json()));
    if (!tokens) return { outcome: { ok: false, reason: "unavailable", status: response.status } };
    const isRenewed = (await replaced(store, sent, tokens)) || isSamePerson(sent, await store.get());
    return isRenewed ? REFRESHED : null;
  } catch {
    return UNREACHABLE;
  }
}

async function refused(
  response: Response,
  sent: AuthTokens,
  store: AuthTokenStore,
): Promise<FinishedRefresh | null> {
  const finished = await finishedOf(response);
  const isOver = !finished.outcome.ok && finished.outcome.reason === "rejected";
  // The session of a sign-in during the refresh has not ended, and that of a sign-out has not expired.
  return isOver && !(await replaced(store, sent, null)) ? null : finished;
}

function post(request: RefreshRequest, headers?: Record<string, string>, body?: string): Promise<Response> {
  const { endpoint, credentials, timeout } = request;
  const all = { ...JSON_TYPE, ...headers };
  return attempt(endpoint, { method: "POST", credentials, headers: all, body: body ?? null }, timeout);
}
