import type { AuthClientError } from "@bymax-one/python-auth/shared";

/** Returns for how many seconds, up to 60, to leave the server alone; 0 or less where it does not ask for it. */
export function pauseSeconds(failure: unknown): number {
  const details = (failure as Partial<AuthClientError> | undefined)?.body?.details as
    | { retryAfterSeconds?: unknown }
    | null
    | undefined;
  return Math.min(Number(details?.retryAfterSeconds) || 0, 60);
}
