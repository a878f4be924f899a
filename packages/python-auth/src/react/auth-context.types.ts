import type { RegisterInput, ResetPasswordInput } from "@bymax-one/python-auth/client";
import type { AuthResult, AuthUserClient, LoginResult } from "@bymax-one/python-auth/shared";
import type { AuthStatus } from "./session-state.ts";

/** Everything that a provider gives: the session, and what changes it. */
export interface AuthContextValue {
  user: AuthUserClient | null;
  status: AuthStatus;
  isLoading: boolean;
  /** When the server last confirmed the session. */
  lastValidation: Date | null;
  login(email: string, password: string, options?: { tenantId?: string }): Promise<LoginResult>;
  register(data: RegisterInput): Promise<AuthResult>;
  logout(): Promise<void>;
  refresh(): Promise<void>;
  forgotPassword(email: string, tenantId?: string): Promise<void>;
  resetPassword(input: ResetPasswordInput): Promise<void>;
}
