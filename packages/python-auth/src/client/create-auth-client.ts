import {
  AUTH_DASHBOARD_ROUTES,
  AUTH_MFA_ROUTES,
  AUTH_PASSWORD_ROUTES,
  AuthClientError,
  type AuthResult,
  type AuthUserClient,
  type LoginResult,
  type MfaChallengeResult,
} from "@bymax-one/python-auth/shared";
import { accepted, objectIn } from "./answers.ts";
import type { AuthClient } from "./auth-client.ts";
import { createAuthFetch, DEFAULT_PREFIX, refreshesBehind } from "./create-auth-fetch.ts";
import { discard } from "./discard.ts";
import { ROUTE_CALLS, type RouteCalls } from "./route-calls.ts";
import { IN_BODIES } from "./send-refresh.ts";
import { bearer, type MaybeTokens, replaced, tokensIn } from "./tokens.ts";
import type { AuthClientConfig, AuthFetch, ResetPasswordInput } from "./types.ts";
import { isForeign, routeUrl } from "./urls.ts";

type OwnHeaders = Readonly<Record<string, string>>;

const DEFAULT_BASE = "/api";
const WITHOUT_TOKENS: Pick<AuthResult, "accessToken"> = { accessToken: "" };

/** Returns a client of the server. */
export function createAuthClient(config: AuthClientConfig = {}): AuthClient {
  const { baseUrl = DEFAULT_BASE, routePrefix = DEFAULT_PREFIX, tokenStore } = config;
  const url = (path: string): string => routeUrl(baseUrl, routePrefix, path);
  const authFetch = config.authFetch ?? ownFetch(config, url(AUTH_DASHBOARD_ROUTES.refresh));
  const refreshes = refreshesBehind(authFetch, routePrefix);
  const stored = async () => tokenStore?.get();

  function send(method: string, path: string, body?: object, own?: OwnHeaders): Promise<Response> {
    return authFetch(url(path), {
      method,
      ...(tokenStore && { headers: { ...IN_BODIES, ...own } }),
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  async function read(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    return objectIn(await send(method, path, body), url(path));
  }

  async function session(path: string, body: object): Promise<LoginResult> {
    const answer = await read("POST", path, body);
    const tokens = tokensIn(answer);
    if (tokens) await tokenStore?.set(tokens);
    return resultOf(answer);
  }

  async function done(path: string, body?: object, method = "POST", own?: OwnHeaders): Promise<void> {
    discard(await accepted(await send(method, path, body, own)));
  }

  async function renewed(): Promise<AuthResult> {
    const sent = await stored();
    const answer = await read("POST", AUTH_DASHBOARD_ROUTES.refresh, bodyOf(sent));
    const tokens = tokensIn(answer);
    if (tokenStore && tokens) await replaced(tokenStore, sent, tokens);
    return signedIn(resultOf(answer));
  }

  const calls: RouteCalls = {
    url,
    read,
    done,
    session: async (path, body) => signedIn(await session(path, body)),
    refreshToken: async () => bodyOf(await stored()),
  };
  const client: AuthClient & { readonly [ROUTE_CALLS]: RouteCalls } = {
    [ROUTE_CALLS]: calls,
    login: (input) => session(AUTH_DASHBOARD_ROUTES.login, input),
    register: (data) => calls.session(AUTH_DASHBOARD_ROUTES.register, data),
    async logout() {
      refreshes?.ended();
      const tokens = await stored();
      const own = tokens ? { authorization: bearer(tokens) } : {};
      try {
        // Before the call, because its answer may come after the next sign-in, whose tokens stay.
        await tokenStore?.set(null);
      } finally {
        await done(AUTH_DASHBOARD_ROUTES.logout, bodyOf(tokens), "POST", own);
      }
    },
    refresh: () => refreshes?.alone(renewed) ?? renewed(),
    getMe: () => read("GET", AUTH_DASHBOARD_ROUTES.me) as Promise<unknown> as Promise<AuthUserClient>,
    mfaChallenge: (mfaTempToken, code) => calls.session(AUTH_MFA_ROUTES.challenge, { mfaTempToken, code }),
    forgotPassword: (email, tenantId) => done(AUTH_PASSWORD_ROUTES.forgotPassword, { email, tenantId }),
    resetPassword: (input) => done(AUTH_PASSWORD_ROUTES.resetPassword, knownMembers(input)),
  };
  return client;
}

function ownFetch(config: AuthClientConfig, refreshEndpoint: string): AuthFetch {
  // Without the base, which is in the addresses already.
  const { baseUrl: _, ...rest } = config;
  // A page of another origin has no handler for refreshes; the server itself has one.
  return createAuthFetch(rest.tokenStore || isForeign(refreshEndpoint) ? { refreshEndpoint, ...rest } : rest);
}

/** Returns what a server that gives cookies leaves out of an answer, and the answer. */
function resultOf(answer: Record<string, unknown>): LoginResult {
  // The server's own serialiser and these types come from the same models.
  return { ...(isChallenge(answer) ? {} : WITHOUT_TOKENS), ...answer } as LoginResult;
}

/** Returns the member that names the caller's session where tokens travel in bodies. */
function bodyOf(tokens: MaybeTokens): { refreshToken?: string } {
  return tokens ? { refreshToken: tokens.refreshToken } : {};
}

/** Returns the session of an answer that must have one. */
function signedIn(result: LoginResult): AuthResult {
  if (isChallenge(result)) {
    throw new AuthClientError("Unexpected second factor", 502);
  }
  return result;
}

function isChallenge(answer: object): answer is MfaChallengeResult {
  return "mfaRequired" in answer && answer.mfaRequired === true;
}

/** Returns the members that the route has, whatever else a form's object holds; absent ones are not sent. */
function knownMembers(input: ResetPasswordInput): object {
  const { email, newPassword, tenantId, token, otp, verifiedToken } = input;
  return { email, newPassword, tenantId, token, otp, verifiedToken };
}
