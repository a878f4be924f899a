"use client";

export type { AuthContextValue } from "./auth-context.types.ts";
export { AuthProvider, type AuthProviderProps } from "./auth-provider.ts";
export type { AuthStatus, AuthStatus as SessionStatus } from "./session-state.ts";
export { type UseAuthResult, useAuth } from "./use-auth.ts";
export { type UseAuthStatusResult, useAuthStatus } from "./use-auth-status.ts";
export { type UseSessionResult, useSession } from "./use-session.ts";
