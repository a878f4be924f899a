import type { AuthFetchConfig, RefreshFailure, RefreshOutcome } from "./types.ts";

/** What one refresh came to, and for how many milliseconds none may follow it, where it failed. */
export interface FinishedRefresh {
  readonly outcome: RefreshOutcome;
  readonly pause?: number;
}

type Callbacks = Pick<AuthFetchConfig, "onRefreshFailed" | "onSessionExpired">;

/** The refreshes of one client. */
export interface Refreshes {
  /** Returns how often the credentials were renewed. */
  generation(): number;
  /** Says that the credentials were renewed in another way. */
  renewed(): void;
  /** Returns whether a request of a generation may be repeated: there are newer credentials. */
  since(begun: number): Promise<boolean>;
}

/**
 * Returns the refreshes of one client.  These rules live nowhere else:
 *
 * 1. One refresh runs at a time, and everybody who needs one meanwhile shares it.
 * 2. Each success begins a generation.  A request that left in an earlier one had the old credentials: its
 *    refusal says nothing about the new ones, so it is repeated without another refresh.
 * 3. While a server asks for a pause, no refresh is sent and nobody is told.
 * 4. The callbacks are called once for each failed refresh, however many requests waited for it.
 *
 * @param send sends one refresh; `null` when there is nothing to refresh
 */
export function refreshesOf(send: () => Promise<FinishedRefresh | null>, callbacks: Callbacks): Refreshes {
  let running: Promise<boolean> | undefined;
  let generation = 0;
  let pausedUntil = 0;

  const renewed = (): void => {
    generation += 1;
  };

  async function run(): Promise<boolean> {
    const finished = await send();
    if (finished === null) return false;
    const { outcome, pause = 0 } = finished;
    pausedUntil = performance.now() + pause;
    if (outcome.ok) renewed();
    else tell(outcome, callbacks);
    return outcome.ok;
  }

  async function since(begun: number): Promise<boolean> {
    if (generation > begun) return true;
    if (running === undefined && performance.now() < pausedUntil) return false;
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  }

  return { generation: () => generation, renewed, since };
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
