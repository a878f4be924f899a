import { asRecord } from "./error-code.ts";
import type { FinishedRefresh } from "./refreshes.ts";

const LOCK = "bymax-auth:refresh";
const CHANNEL = "bymax-auth";
const MESSAGE_MILLISECONDS = 100;
const REFRESHED: FinishedRefresh = { outcome: { ok: true }, pause: 0 };

/**
 * Sends a refresh while no other tab does; a success of another tab meanwhile counts as this one's.
 *
 * Where the browser has no locks, or forbids them as in a frame without storage, the refresh is sent at once.
 */
export async function oneTabAtATime(
  endpoint: string,
  send: () => Promise<FinishedRefresh | null>,
): Promise<FinishedRefresh | null> {
  // A server may have locks as well, but there the requests of one process are those of many people.
  const locks = globalThis.location === undefined ? undefined : globalThis.navigator?.locks;
  // A page that is not in a secure context may have `null` there.
  if (!locks || globalThis.BroadcastChannel === undefined) return send();
  let tabs: Tabs | undefined;
  try {
    const opened = new Tabs(new URL(endpoint, globalThis.location.href).href);
    tabs = opened;
    const first = await locks.request(LOCK, { ifAvailable: true }, async (lock) =>
      lock === null ? undefined : { finished: await opened.refresh(send) },
    );
    if (first !== undefined) return first.finished;
    return await locks.request(LOCK, async () =>
      (await opened.haveRefreshed()) ? REFRESHED : opened.refresh(send),
    );
  } catch {
    // A refresh never rejects, so none was sent.
    return send();
  } finally {
    tabs?.close();
  }
}

/** Tells the other tabs of a refresh, and hears of theirs. */
class Tabs {
  readonly #channel = new BroadcastChannel(CHANNEL);
  readonly #message: { readonly v: 1; readonly type: "refreshed"; readonly endpoint: string };
  readonly #heard: Promise<true>;

  constructor(endpoint: string) {
    this.#message = { v: 1, type: "refreshed", endpoint };
    this.#heard = new Promise((resolve) => {
      this.#channel.onmessage = ({ data }: MessageEvent<unknown>): void => {
        const { v, type, endpoint: theirs } = asRecord(data);
        if (v === 1 && type === "refreshed" && theirs === endpoint) resolve(true);
      };
    });
  }

  async refresh(send: () => Promise<FinishedRefresh | null>): Promise<FinishedRefresh | null> {
    const finished = await send();
    if (finished?.outcome.ok) this.#channel.postMessage(this.#message);
    return finished;
  }

  /** Returns whether a tab refreshed since; the lock may arrive before its message does. */
  async haveRefreshed(): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), MESSAGE_MILLISECONDS);
    });
    return Promise.race([this.#heard, silence]).finally(() => clearTimeout(timer));
  }

  close(): void {
    this.#channel.close();
  }
}
