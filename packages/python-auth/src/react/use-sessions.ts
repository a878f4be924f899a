import { type ActiveSessionInfo, AUTH_SESSION_ROUTES } from "@bymax-one/python-auth/shared";
import { useMemo } from "react";
import type { ListingState } from "./listing.ts";
import { pathWith, routeCalls } from "./route-calls.ts";
import type { SessionStore } from "./session-store.ts";
import { useListing } from "./use-listing.ts";
import { useSessionStore } from "./use-session-store.ts";

/** The sessions of the signed-in user, newest first. */
export interface UseSessionsResult extends Omit<ListingState<ActiveSessionInfo>, "items"> {
  /** `null` until the server has answered. */
  readonly sessions: readonly ActiveSessionInfo[] | null;
  /** Asks again; never rejects. */
  reload(): Promise<void>;
  /** Ends one session; the page's own signs it out. Throws `AuthClientError` for a refusal. */
  revoke(session: ActiveSessionInfo): Promise<void>;
  /** Ends every session but the page's own. Throws `AuthClientError` for a refusal. */
  revokeOthers(): Promise<void>;
}

/**
 * Returns the sessions of the signed-in user, and what ends them.
 *
 * @throws Error there is no provider above
 */
export function useSessions(): UseSessionsResult {
  const store = useSessionStore("useSessions");
  const { items: sessions, ...listing } = useListing<ActiveSessionInfo>(store, AUTH_SESSION_ROUTES.list);
  const { reload } = listing;
  return { sessions, ...listing, ...useMemo(() => actions(store, reload), [store, reload]) };
}

function actions(
  store: SessionStore,
  reload: () => Promise<void>,
): Pick<UseSessionsResult, "revoke" | "revokeOthers"> {
  return {
    async revoke({ sessionHash, isCurrent }) {
      const path = pathWith(AUTH_SESSION_ROUTES.revokeOne, sessionHash);
      await routeCalls(store).done(path, undefined, "DELETE");
      if (isCurrent) store.end("expired");
      else await reload();
    },
    async revokeOthers() {
      const calls = routeCalls(store);
      await calls.done(AUTH_SESSION_ROUTES.revokeAll, await calls.refreshToken());
      await reload();
    },
  };
}
