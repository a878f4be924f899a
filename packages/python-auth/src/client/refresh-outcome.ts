import { discard } from "./discard.ts";
import { errorCode } from "./error-code.ts";
import type { RefreshOutcome } from "./types.ts";

const ENDED_ACCOUNTS = new Set<string | undefined>([
  "auth.account_inactive",
  "auth.account_suspended",
  "auth.account_banned",
  "auth.pending_approval",
]);
const MAX_PAUSE_SECONDS = 60;

/** Returns what an answer to a refresh says about the session; only a rejection says that it is over. */
export async function outcomeOf(response: Response): Promise<RefreshOutcome> {
  const { ok, status } = response;
  const isOver = status === 401 || (status === 403 && ENDED_ACCOUNTS.has(await errorCode(response)));
  discard(response);
  if (ok) return { ok };
  return { ok: false, reason: isOver ? "rejected" : "unavailable", status };
}

/** Returns for how many milliseconds the server asks to send no refresh. */
export function pauseOf(response: Response): number {
  if (response.status !== 429 && response.status !== 503) return 0;
  const seconds = response.headers.get("retry-after") ?? "";
  // The header may also be a date, which a browser's clock could not be trusted with.
  return /^\d+$/.test(seconds) ? Math.min(Number(seconds), MAX_PAUSE_SECONDS) * 1000 : 0;
}
