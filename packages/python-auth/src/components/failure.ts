import { AuthClientError } from "@bymax-one/python-auth/shared";
import { filled, type Messages } from "./messages.ts";

/** What a failed call means for a form: texts of its fields by name, and one of its own. */
export interface Failure {
  readonly fields: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The fields that refusals are about; a form shows such a one at the first that it has. */
const FIELDS: Partial<Record<string, readonly string[]>> = {
  "auth.invalid_credentials": ["password"],
  "auth.email_not_verified": ["email"],
  "auth.email_already_exists": ["email"],
  "auth.password_compromised": ["password", "newPassword"],
  "auth.otp_invalid": ["otp"],
  "auth.mfa_invalid_code": ["code"],
};

/** Returns what a failure means for a form with these fields. */
export function failureOf(error: unknown, names: readonly string[], messages: Messages): Failure {
  if (!(error instanceof AuthClientError)) return { fields: {}, text: messages.unreachable };
  const details = error.body?.details;
  if (Array.isArray(details)) {
    const broken = names.filter((name) => details.some(({ field }) => field === name));
    const fields = Object.fromEntries(broken.map((name) => [name, ruleOf(name, messages)]));
    return { fields, text: broken.length > 0 ? "" : messages.failed };
  }
  const known: Partial<Record<string, string>> = messages;
  const text = known[error.code ?? ""] ?? messages.failed;
  const seconds = details?.retryAfterSeconds;
  const wait = typeof seconds === "number" ? ` ${filled(messages.tryAgainIn, { seconds })}` : "";
  const about = FIELDS[error.code ?? ""]?.find((name) => names.includes(name));
  return about === undefined ? { fields: {}, text: text + wait } : { fields: { [about]: text }, text: "" };
}

/** Returns the rule of a field, in the reader's language: the server's own text is English. */
function ruleOf(name: string, messages: Messages): string {
  if (name === "email") return messages.invalidEmail;
  if (name === "password" || name === "newPassword") return messages.invalidPassword;
  if (name === "code" || name === "otp") return messages.invalidCode;
  return messages.invalid;
}
