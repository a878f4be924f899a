"use client";

export type { Appearance, Part } from "./appearance.ts";
export type { Locale, Messages } from "./messages.ts";
export { MfaChallenge, type MfaChallengeProps } from "./mfa-challenge.ts";
export { ResetPassword, type ResetPasswordProps } from "./reset-password.ts";
export { SessionList, type SessionListProps } from "./session-list.ts";
export { SignIn, type SignInProps } from "./sign-in.ts";
export { SignUp, type SignUpProps } from "./sign-up.ts";
export { VerifyEmail, type VerifyEmailProps } from "./verify-email.ts";
