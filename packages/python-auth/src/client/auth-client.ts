import type { AuthResult, AuthUserClient, LoginResult } from "@bymax-one/python-auth/shared";
import type { LoginInput, RegisterInput, ResetPasswordInput } from "./types.ts";

/**
 * The calls of the server that a browser makes.  Each throws `AuthClientError` for a refusal.
 *
 * With cookies alone, answers have no tokens: `accessToken` is `""`.
 */
export interface AuthClient {
  /** Signs in; the answer may be a second factor to prove first. */
  login(input: LoginInput): Promise<LoginResult>;
  /** Creates an account. */
  register(data: RegisterInput): Promise<AuthResult>;
  /** Ends the session, after the refresh that runs; what was sent before is not repeated. */
  logout(): Promise<void>;
  /** Renews the tokens, while no other refresh runs. */
  refresh(): Promise<AuthResult>;
  /** Returns who is signed in. */
  getMe(): Promise<AuthUserClient>;
  /** Proves the second factor of a sign-in. */
  mfaChallenge(tempToken: string, code: string): Promise<AuthResult>;
  /** Asks for a mail with which a new password can be set. */
  forgotPassword(email: string, tenantId?: string): Promise<void>;
  /** Sets a new password. */
  resetPassword(input: ResetPasswordInput): Promise<void>;
}
