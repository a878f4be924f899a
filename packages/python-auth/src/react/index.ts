"use client";

export type { AuthContextValue } from "./auth-context.types.ts";
export { AuthProvider, type AuthProviderProps } from "./auth-provider.ts";
export type { AuthStatus, AuthStatus as SessionStatus } from "./session-state.ts";
export { type UseAuthResult, useAuth } from "./use-auth.ts";
export { type UseAuthStatusResult, useAuthStatus } from "./use-auth-status.ts";
export { type UseEmailVerificationResult, useEmailVerification } from "./use-email-verification.ts";
export {
  type AcceptInvitationInput,
  type InvitationInput,
  type UseInvitationsResult,
  useInvitations,
} from "./use-invitations.ts";
export { type UseMfaResult, useMfa } from "./use-mfa.ts";
export { type UseOAuthResult, useOAuth } from "./use-oauth.ts";
export { type UseSessionResult, useSession } from "./use-session.ts";
export { type UseSessionsResult, useSessions } from "./use-sessions.ts";
