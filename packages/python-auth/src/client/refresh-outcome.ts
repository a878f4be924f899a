import { discard } from "./discard.ts";
import { errorCode } from "./error-code.ts";
import type { FinishedRefresh } from "./refreshes.ts";

const ENDED_ACCOUNTS = new Set<string | null | undefined>([
  "auth.account_inactive",
  "auth.account_suspended",
  "auth.account_banned",
  "auth.pending_approval",
]);
/** A success, after which nothing is paused. */
export const REFRESHED: FinishedRefresh = { outcome: { ok: true } };

const MAX_PAUSE_SECONDS = 60;

/** Returns what an answer to a refresh says about the session; only a rejection says that it is over. */
export async function finishedOf(response: Response): Promise<FinishedRefresh> {
  const { ok, status } = response;
  const isOver = status === 401 || (status === 403 && ENDED_ACCOUNTS.has(await errorCode(response)));
  discard(response);
  if (ok) return REFRESHED;
  return { outcome: { ok, reason: isOver ? "rejected" : "unavailable", status }, pause: pauseOf(response) };
}

/** Returns for how many milliseconds the server asks to send no refresh. */
function pauseOf(response: Response): number {
  if (response.status !== 429 && response.status !== 503) return 0;
  const seconds = response.headers.get("retry-after") ?? "";
  // The header may also be a date, which a browser's clock could not be trusted with.
  return /^\d+$/.test(seconds) ? Math.min(Number(seconds), MAX_PAUSE_SECONDS) * 1000 : 0;
}
