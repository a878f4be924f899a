import type { AuthUserClient } from "@bymax-one/python-auth/shared";

/** What the page knows about the session; `loading` until the server has been asked. */
export type AuthStatus = "authenticated" | "unauthenticated" | "loading";

/** The session as the page knows it. */
export interface SessionState {
  readonly status: AuthStatus;
  readonly user: AuthUserClient | null;
  /** When the server last confirmed the session: by `getMe`, or by a sign-in. */
  readonly lastValidation: Date | null;
}

/** Nobody is signed in. */
export const SIGNED_OUT: SessionState = { status: "unauthenticated", user: null, lastValidation: null };

/**
 * Returns the state before the server has been asked.
 *
 * @param initialUser what a server component already knows; `null` means that nobody is signed in
 */
export function initialState(initialUser: AuthUserClient | null | undefined): SessionState {
  const status = initialUser ? "authenticated" : initialUser === null ? "unauthenticated" : "loading";
  return { status, user: initialUser ?? null, lastValidation: null };
}
