import type { AuthClientError } from "@bymax-one/python-auth/shared";

/** Returns for how many seconds the server asks to be left alone; 0 where the failure does not say it. */
export function retryAfterSeconds(failure: unknown): number {
  const details = (failure as Partial<AuthClientError> | undefined)?.body?.details as
    | { retryAfterSeconds?: unknown }
    | null
    | undefined;
  const seconds = details?.retryAfterSeconds;
  return typeof seconds === "number" && seconds > 0 ? seconds : 0;
}
