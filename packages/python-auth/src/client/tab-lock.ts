import { asRecord } from "./error-code.ts";
import { REFRESHED } from "./refresh-outcome.ts";
import type { FinishedRefresh, Send } from "./refreshes.ts";
import { within } from "./within.ts";

const LOCK = "bymax-auth:refresh";
const CHANNEL = "bymax-auth";
const MESSAGE_MILLISECONDS = 100;

/**
 * Sends a refresh while no other tab does; a success of another tab meanwhile counts as one that is not needed itself.
 *
 * Where the browser has no locks or channels, or forbids them as in a frame without storage, the refresh is sent at once.
 */
export async function oneTabAtATime(
  endpoint: string,
  send: Send,
  isNeeded: boolean,
): Promise<FinishedRefresh | null> {
  // A server may have locks as well, but there the requests of one process are those of many people.
  const locks = globalThis.location && globalThis.navigator?.locks;
  // A page that is not in a secure context may have `null` there.
  if (!locks) return send();
  try {
    const channel = new BroadcastChannel(CHANNEL);
    try {
      const { href } = new URL(endpoint, globalThis.location.href);
      const heard = refreshOfAnother(channel, href);
      const refresh = async (): Promise<FinishedRefresh | null> => {
        const finished = await send();
        if (finished?.outcome.ok) channel.postMessage({ v: 1, type: "refreshed", endpoint: href });
        return finished;
      };
      const first = await locks.request(LOCK, { ifAvailable: true }, async (lock) =>
        lock === null ? undefined : refresh(),
      );
      if (first !== undefined) return first;
      // The lock may arrive before the message does.
      return await locks.request(LOCK, async () =>
        !isNeeded && (await within(MESSAGE_MILLISECONDS, heard)) ? REFRESHED : refresh(),
      );
    } finally {
      channel.close();
    }
  } catch {
    // A refresh never rejects, so none was sent.
    return send();
  }
}

/** Resolves when another tab tells of its refresh at the same endpoint; never, if none does. */
function refreshOfAnother(channel: BroadcastChannel, endpoint: string): Promise<true> {
  return new Promise((resolve) => {
    channel.onmessage = ({ data }: MessageEvent<unknown>): void => {
      const { v, type, endpoint: theirs } = asRecord(data);
      if (v === 1 && type === "refreshed" && theirs === endpoint) resolve(true);
    };
  });
}
