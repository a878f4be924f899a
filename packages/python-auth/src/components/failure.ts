import { AuthClientError, type FieldError } from "@bymax-one/python-auth/shared";
import { filled, type Messages } from "./messages.ts";

/** What a failed call means for a form: texts of its fields by name, and one of its own. */
export interface Failure {
  readonly fields: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The fields that refusals are about; a form shows such a one at the first that it has. */
const FIELDS = /* @__PURE__ */ new Map<string, readonly string[]>([
  ["auth.invalid_credentials", ["password"]],
  ["auth.email_not_verified", ["email"]],
  ["auth.email_already_exists", ["email"]],
  ["auth.password_compromised", ["password", "newPassword"]],
  ["auth.otp_invalid", ["otp"]],
  ["auth.mfa_invalid_code", ["code"]],
]);

/** Returns what a failure means for a form with these fields. */
export function failureOf(error: unknown, names: readonly string[], messages: Messages): Failure {
  if (!(error instanceof AuthClientError)) {
    // What `fetch` throws is one of the two; anything else is the application's, and its developer reads it.
    const isUnreachable = error instanceof TypeError || error instanceof DOMException;
    if (!isUnreachable) reportError(error);
    return { fields: {}, text: isUnreachable ? messages.unreachable : messages.failed };
  }
  const { code = "", body } = error;
  const details = body?.details;
  if (Array.isArray(details)) {
    const fields = faultsIn(details, names, messages);
    return { fields, text: Object.keys(fields).length > 0 ? "" : messages.failed };
  }
  const text = Object.hasOwn(messages, code) ? messages[code as keyof Messages] : messages.failed;
  const seconds = details?.retryAfterSeconds;
  const wait = typeof seconds === "number" ? ` ${filled(messages.tryAgainIn, { seconds })}` : "";
  const about = FIELDS.get(code)?.find((name) => names.includes(name));
  return about === undefined ? { fields: {}, text: text + wait } : { fields: { [about]: text }, text: "" };
}

function faultsIn(
  details: readonly unknown[],
  names: readonly string[],
  messages: Messages,
): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const detail of details as readonly (Partial<FieldError> | null)[]) {
    const name = names.find((each) => each === detail?.field);
    if (name !== undefined) faults[name] ??= ruleOf(name, String(detail?.message), messages);
  }
  return faults;
}

/** Returns the rule of a field, in the reader's language: the server's own text is English. */
function ruleOf(name: string, said: string, messages: Messages): string {
  if (name === "email") return messages.invalidEmail;
  if (name === "code" || name === "otp") return messages.invalidCode;
  const [, end, length] = /at (least|most) (\d+)/.exec(said) ?? [];
  if (length === undefined || !/password/i.test(name)) return messages.invalid;
  return end === "least"
    ? filled(messages.passwordTooShort, { minimum: length })
    : filled(messages.passwordTooLong, { maximum: length });
}
