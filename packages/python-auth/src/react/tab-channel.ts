const NAME = "bymax-auth";

/** What one tab tells the others; never a token, and nothing about the user. */
export interface TabMessage {
  readonly v: 1;
  readonly type: "login" | "logout" | "expired";
}

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
