import type { RotatedTokens } from "@bymax-one/python-auth/shared";

/** Called like `fetch`; a 401 that says that the session expired is answered by one refresh and one repetition. */
export type AuthFetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

/**
 * Why a refresh failed.
 *
 * - `rejected`: the server says that there is no session any more.
 * - `unavailable`: it answered something else, which says nothing about the session.
 * - `unreachable`: it did not answer.
 */
export type RefreshFailureReason = "rejected" | "unavailable" | "unreachable";

/** A failed refresh; `status` is that of the answer, `null` where there was none. */
export interface RefreshFailure {
  readonly ok: false;
  readonly reason: RefreshFailureReason;
  readonly status: number | null;
}

/** What became of a refresh. */
export type RefreshOutcome = { readonly ok: true } | RefreshFailure;

/** The tokens of one session. */
export type AuthTokens = RotatedTokens;

/** Where an application keeps its tokens. In a browser only memory is safe from injected scripts. */
export interface AuthTokenStore {
  get(): AuthTokens | null | Promise<AuthTokens | null>;
  set(tokens: AuthTokens | null): void | Promise<void>;
}

/** How requests are sent, and how a session is refreshed. */
export interface AuthFetchConfig {
  /** What a relative address is below. */
  baseUrl?: string;
  /** Where a refresh is posted; default `/api/auth/client-refresh`, with a token store the server's route. */
  refreshEndpoint?: string;
  /** Default `include`, with a token store `omit`; the credentials of a single request win. */
  credentials?: RequestCredentials;
  /** Over `Content-Type: application/json`, below the headers of a single request. */
  defaultHeaders?: Record<string, string>;
  /** Called when the server rejected a refresh. */
  onSessionExpired?: () => void;
  /** Called when a refresh failed for whatever reason, before `onSessionExpired`. */
  onRefreshFailed?: (failure: RefreshFailure) => void;
  /**
   * The milliseconds until the headers of an answer arrive; default 30000.
   *
   * There is no limit at 0 or below, nor above 2147483647, the longest that a timer takes: `Infinity` is none either.
   */
  timeout?: number;
  /** Where the server mounts its routes; default `auth`. */
  routePrefix?: string;
  /**
   * Tokens travel in headers and bodies where there is a store, else in cookies.
   *
   * Every request carries the access token, whichever server it goes to.
   */
  tokenStore?: AuthTokenStore;
  /**
   * The cookie that says that there is a session, `has_session` unless the server is configured otherwise.
   *
   * Where the page can read the server's cookies, no refresh is sent without it: nobody is signed in.
   */
  sessionSignalName?: string;
  /** Whether the tabs of a browser refresh one at a time; default `true`. */
  syncTabs?: boolean;
}

/** How the client reaches the server; `baseUrl` is `/api` unless given. */
export interface AuthClientConfig extends AuthFetchConfig {
  /** Sends the requests in place of the client's own; it is given whole addresses. */
  authFetch?: AuthFetch;
}

/** A sign-in with a password. */
export interface LoginInput {
  email: string;
  password: string;
  tenantId?: string;
}

/** A new account. */
export interface RegisterInput {
  email: string;
  password: string;
  name: string;
  tenantId?: string;
}

/** A new password, with exactly one proof that the mailbox is the caller's. */
export type ResetPasswordInput = { email: string; newPassword: string; tenantId?: string } & (
  | { token: string; otp?: never; verifiedToken?: never }
  | { otp: string; token?: never; verifiedToken?: never }
  | { verifiedToken: string; token?: never; otp?: never }
);
