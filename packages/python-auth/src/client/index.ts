export { AuthClientError, type AuthErrorCode, type AuthErrorResponse } from "@bymax-one/python-auth/shared";
export type { AuthClient } from "./auth-client.ts";
export { createAuthClient } from "./create-auth-client.ts";
export { createAuthFetch } from "./create-auth-fetch.ts";
export type {
  AuthClientConfig,
  AuthFetch,
  AuthFetchConfig,
  AuthTokenStore,
  AuthTokens,
  LoginInput,
  RefreshFailure,
  RefreshFailureReason,
  RefreshOutcome,
  RegisterInput,
  ResetPasswordInput,
} from "./types.ts";
