/** What one tab tells the others; never a token, and nothing about the user. */
export interface TabMessage {
  readonly v: 1;
  readonly type: "login" | "logout" | "expired";
}

/**
 * Opens the channel between the tabs of this origin.
 *
 * Returns `undefined` where there is none, or where the browser forbids it, as some do in a frame without storage.
 */
export function openTabChannel(
  hear: (message: Partial<TabMessage> | null) => void,
): BroadcastChannel | undefined {
  try {
    const channel = new BroadcastChannel("bymax-auth");
    channel.onmessage = ({ data }) => hear(data);
    return channel;
  } catch {
    return undefined;
  }
}
