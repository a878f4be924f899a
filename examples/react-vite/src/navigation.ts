import { useSyncExternalStore } from "react";

const MOVED = "moved";

/** Shows another page of the application; `replace` leaves the one before out of the history. */
export function goTo(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  dispatchEvent(new Event(MOVED));
}

function subscribe(hear: () => void): () => void {
  const events = [MOVED, "popstate"];
  for (const event of events) addEventListener(event, hear);
  return () => {
    for (const event of events) removeEventListener(event, hear);
  };
}

/** Returns the address that is shown, and renders again when it changes. */
export function useAddress(): URL {
  return new URL(useSyncExternalStore(subscribe, () => location.href));
}

/** Returns a page of this application; an address of another one is never followed. */
export function ownPage(address: string | null): string {
  const url = address === null ? null : URL.parse(address, location.origin);
  return url?.origin === location.origin ? url.pathname : "/notes";
}
