import type { SessionStore } from "./session-store.ts";

/** A longer delay overflows, and fires at once. */
const LONGEST_DELAY_MS = 0x7fff_ffff;

type Stop = (() => void) | undefined;

function listen(target: EventTarget, type: string, hear: (event: Event) => void): () => void {
  target.addEventListener(type, hear);
  return () => target.removeEventListener(type, hear);
}

/** Asks every `everyMs` while somebody can see the page; never, if that is no positive delay. */
export function watchTime(store: SessionStore, everyMs: number): Stop {
  if (!(everyMs > 0 && everyMs <= LONGEST_DELAY_MS)) return undefined;
  const timer = setInterval(() => {
    if (!document.hidden) store.revalidate();
  }, everyMs);
  return () => clearInterval(timer);
}

/** Asks when somebody comes back to the page, unless the last question is younger than half a minute. */
export function watchFocus(store: SessionStore): Stop {
  return listen(document, "visibilitychange", () => {
    if (!document.hidden) store.revalidate(30_000);
  });
}

/** Asks when the machine is online again. */
export function watchConnection(store: SessionStore): Stop {
  return listen(window, "online", () => store.revalidate());
}

/**
 * Reads the session again when the page comes back from the back/forward cache.
 *
 * The page is put there without who is signed in: the browser may paint it before it runs a line of it.
 */
export function watchPageCache(store: SessionStore): Stop {
  const hear = (event: Event): void => {
    if (!(event as PageTransitionEvent).persisted) return;
    if (event.type === "pagehide") store.conceal();
    else store.restore();
  };
  const stopHiding = listen(window, "pagehide", hear);
  const stopShowing = listen(window, "pageshow", hear);
  return () => {
    stopHiding();
    stopShowing();
  };
}
