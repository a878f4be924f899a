import type { AuthClient } from "@bymax-one/python-auth/client";
import type { AuthUserClient } from "@bymax-one/python-auth/shared";
import { createElement, type ReactNode, useEffect, useInsertionEffect, useState } from "react";
import { AuthContext } from "./auth-context.ts";
import { SessionStore } from "./session-store.ts";
import { watchConnection, watchFocus, watchPageCache, watchTime } from "./watch-page.ts";

/** What `AuthProvider` takes. */
export interface AuthProviderProps {
  children: ReactNode;
  /** The latest one is used; another one does not cause another question. */
  client: AuthClient;
  /** Called when the server no longer knows the session, and not after a sign-out. */
  onSessionExpired?: () => void;
  /** Milliseconds between two questions, 300,000 by default; zero or less asks no more. */
  revalidateInterval?: number;
  /** Who is signed in, where the server that rendered the page knows it; `null` is nobody. */
  initialUser?: AuthUserClient | null;
  /** The tenant that is sent when a call names none; `null`, the default, sends none. */
  defaultTenantId?: string | null;
  /** Asks when somebody comes back to the page, half a minute or more after the last question. */
  revalidateOnFocus?: boolean;
  /** Asks when the machine is online again. */
  revalidateOnReconnect?: boolean;
  /** Signs in and out together with the other tabs; switch it off where each tab holds its own tokens. */
  syncTabs?: boolean;
}

/** Holds the session of the page for the hooks below it. */
export function AuthProvider(props: AuthProviderProps): ReactNode {
  const { revalidateInterval = 300_000, revalidateOnFocus = true } = props;
  const { revalidateOnReconnect = true, syncTabs = true } = props;
  const [store] = useState(() => new SessionStore(props, props.initialUser));

  // Before every effect below the provider, so that none of them uses the previous client.
  useInsertionEffect(() => {
    store.options = props;
  });
  useEffect(() => (syncTabs ? store.joinTabs() : undefined), [store, syncTabs]);
  useEffect(() => store.show(), [store]);
  useEffect(() => watchPageCache(store), [store]);
  useEffect(() => watchTime(store, revalidateInterval), [store, revalidateInterval]);
  useEffect(() => (revalidateOnFocus ? watchFocus(store) : undefined), [store, revalidateOnFocus]);
  useEffect(
    () => (revalidateOnReconnect ? watchConnection(store) : undefined),
    [store, revalidateOnReconnect],
  );

  return createElement(AuthContext, { value: store }, props.children);
}
