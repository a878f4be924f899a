import { AuthClientError } from "@bymax-one/python-auth/shared";

/** Returns for how many seconds the server asks to be left alone, where the refusal says it. */
export function retryAfterSeconds(error: unknown): number | undefined {
  if (!(error instanceof AuthClientError)) return undefined;
  const details = error.body?.details;
  if (details == null || Array.isArray(details)) return undefined;
  const seconds = details.retryAfterSeconds;
  return typeof seconds === "number" && seconds > 0 ? seconds : undefined;
}
