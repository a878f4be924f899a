import { REFRESHED } from "./refresh-outcome.ts";
import type { AuthFetchConfig, RefreshFailure, RefreshOutcome } from "./types.ts";
import { BODY_MILLISECONDS, within } from "./within.ts";

/** What one refresh came to, and for how many milliseconds none may follow it, where it failed. */
export interface FinishedRefresh {
  readonly outcome: RefreshOutcome;
  readonly pause?: number;
}

type Callbacks = Pick<AuthFetchConfig, "onRefreshFailed" | "onSessionExpired">;

/** Sends a refresh when no other tab does; where it need not be sent itself, another tab's may count as it. */
export type InTurn = (send: Send, isNeeded: boolean) => Promise<FinishedRefresh | null>;

/** Sends a refresh; `null` when there is nothing to refresh, or nothing to tell of it. */
export type Send = () => Promise<FinishedRefresh | null>;

/** The refreshes of one client. */
export interface Refreshes {
  /** Returns what a request that leaves now asks when it is refused: are there newer credentials to repeat it with? */
  departing(): () => Promise<boolean>;
  /** Renews the credentials in another way, while no refresh runs. */
  alone<T>(renew: () => Promise<T>): Promise<T>;
  /** Says that the session is ended on purpose. */
  ended(): void;
}

/**
 * Returns the refreshes of one client.  These rules live nowhere else:
 *
 * 1. One refresh runs at a time, and everybody who needs one meanwhile shares it.
 * 2. Each success begins a generation.  A request that left in an earlier one had the old credentials: its
 *    refusal says nothing about the new ones, so it is repeated without another refresh.
 * 3. While a server asks for a pause, no refresh is sent and nobody is told.
 * 4. The callbacks are called once for each failed refresh, however many requests waited for it.
 * 5. What left before a sign-out is neither refreshed nor repeated after it, and nobody is told of its refresh.
 */
export function refreshesOf(send: Send, inTurn: InTurn, callbacks: Callbacks): Refreshes {
  let running: Promise<boolean> | undefined;
  let generation = 0;
  let session = 0;
  let pausedUntil = 0;

  function finish({ outcome, pause = 0 }: FinishedRefresh): boolean {
    pausedUntil = performance.now() + pause;
    if (outcome.ok) generation += 1;
    else tell(outcome, callbacks);
    return outcome.ok;
  }

  function begin(sent: Send, isNeeded: boolean): Promise<boolean> {
    const during = session;
    running = inTurn(sent, isNeeded)
      .then((finished) => finished !== null && during === session && finish(finished))
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  function departing(): () => Promise<boolean> {
    const left = generation;
    const during = session;
    return async () => {
      if (during !== session) return false;
      if (left < generation) return true;
      if (!running && performance.now() < pausedUntil) return false;
      return running ?? begin(send, false);
    };
  }

  async function alone<T>(renew: () => Promise<T>): Promise<T> {
    while (running) await running;
    let renewing!: Promise<T>;
    const own: Send = () => {
      renewing = renew();
      return within(
        BODY_MILLISECONDS,
        renewing.then(() => REFRESHED),
      );
    };
    await begin(own, true);
    return renewing;
  }

  const ended = (): void => {
    session += 1;
  };

  return { departing, alone, ended };
}

function tell(failure: RefreshFailure, { onRefreshFailed, onSessionExpired }: Callbacks): void {
  void call("onRefreshFailed", () => onRefreshFailed?.(failure));
  if (failure.reason === "rejected") void call("onSessionExpired", () => onSessionExpired?.());
}

/** Calls an application's function, whose failure must not become one of the request. */
async function call(name: string, callback: () => unknown): Promise<void> {
  try {
    await callback();
  } catch (error) {
    console.warn(`[python-auth] ${name} callback threw:`, error);
  }
}
