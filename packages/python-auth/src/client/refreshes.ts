import type { RefreshFailure, RefreshOutcome } from "./types.ts";

/** What one refresh came to, and for how many milliseconds none may follow it. */
export interface FinishedRefresh {
  readonly outcome: RefreshOutcome;
  readonly pause: number;
}

interface Callbacks {
  readonly onRefreshFailed: ((failure: RefreshFailure) => void) | undefined;
  readonly onSessionExpired: (() => void) | undefined;
}

/**
 * The refreshes of one client.  These rules live nowhere else:
 *
 * 1. One refresh runs at a time, and everybody who needs one meanwhile shares it.
 * 2. Each success begins a generation.  A request that left in an earlier one had the old credentials: its
 *    refusal says nothing about the new ones, so it is repeated without another refresh.
 * 3. While a server asks for a pause, no refresh is sent and nobody is told.
 * 4. The callbacks are called once for each failed refresh, however many requests waited for it.
 */
export class Refreshes {
  #running: Promise<boolean> | undefined;
  #generation = 0;
  #pausedUntil = 0;
  readonly #send: () => Promise<FinishedRefresh | null>;
  readonly #callbacks: Callbacks;

  /** @param send sends one refresh; `null` when there is nothing to refresh */
  constructor(send: () => Promise<FinishedRefresh | null>, callbacks: Callbacks) {
    this.#send = send;
    this.#callbacks = callbacks;
  }

  /** How often the credentials were renewed. */
  get generation(): number {
    return this.#generation;
  }

  /** Says that the credentials were renewed in another way. */
  renewed(): void {
    this.#generation += 1;
  }

  /** Returns whether a request of a generation may be repeated: there are newer credentials. */
  async since(generation: number): Promise<boolean> {
    if (this.#generation > generation) return true;
    if (this.#running === undefined && performance.now() < this.#pausedUntil) return false;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<boolean> {
    const finished = await this.#send();
    if (finished === null) return false;
    this.#pausedUntil = performance.now() + finished.pause;
    if (finished.outcome.ok) this.renewed();
    else this.#tell(finished.outcome);
    return finished.outcome.ok;
  }

  #tell(failure: RefreshFailure): void {
    const { onRefreshFailed, onSessionExpired } = this.#callbacks;
    call("onRefreshFailed", () => onRefreshFailed?.(failure));
    if (failure.reason === "rejected") call("onSessionExpired", () => onSessionExpired?.());
  }
}

/** Calls an application's function, whose failure must not become one of the request. */
function call(name: string, callback: () => unknown): void {
  const warn = (error: unknown): void => console.warn(`[python-auth] ${name} callback threw:`, error);
  try {
    Promise.resolve(callback()).catch(warn);
  } catch (error) {
    warn(error);
  }
}
