const NAME = "bymax-auth";

/** What one tab tells the others; never a token, and nothing about the user. */
export type TabMessage = "login" | "logout" | "expired";

const KNOWN: readonly unknown[] = ["login", "logout", "expired"];

/**
 * Opens the channel between the tabs of this origin.
 *
 * Returns `null` where there is none, or where the browser forbids it, as some do in a frame without storage.
 */
export function openTabChannel(): BroadcastChannel | null {
  try {
    return new BroadcastChannel(NAME);
  } catch {
    return null;
  }
}

/** Tells the other tabs. */
export function tellTabs(channel: BroadcastChannel, type: TabMessage): void {
  channel.postMessage({ v: 1, type });
}

/** Calls `hear` with each message about sessions; the clients' own messages pass the same channel. */
export function listenToTabs(channel: BroadcastChannel, hear: (type: TabMessage) => void): void {
  channel.onmessage = ({ data }: MessageEvent): void => {
    if (data?.v === 1 && KNOWN.includes(data.type)) hear(data.type);
  };
}
