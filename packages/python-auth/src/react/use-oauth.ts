import { AUTH_OAUTH_ROUTES, type IdentityInfo } from "@bymax-one/python-auth/shared";
import { useMemo } from "react";
import type { ListingState } from "./listing.ts";
import { pathWith, routeCalls } from "./route-calls.ts";
import type { SessionStore } from "./session-store.ts";
import { useListing } from "./use-listing.ts";
import { useSessionStore } from "./use-session-store.ts";

/** The identities of providers with which the signed-in user can sign in, oldest first. */
export interface UseOAuthResult extends Omit<ListingState<IdentityInfo>, "items"> {
  /** `null` until the server has answered, and while nobody is signed in. */
  readonly identities: readonly IdentityInfo[] | null;
  /** Asks again; never rejects. */
  reload(): Promise<void>;
  /** Returns where a sign-in with a provider begins, for a link or `location.assign`. */
  signInUrl(provider: string, options?: { tenantId?: string }): string;
  /**
   * Begins to link an identity, and returns the provider's page, which the browser is to be sent to.
   *
   * An account with a password sends it. Throws `AuthClientError` for a refusal.
   */
  link(provider: string, password?: string): Promise<string>;
  /** Unlinks an identity, and ends every other session. Throws `AuthClientError` for a refusal. */
  unlink(identity: IdentityInfo, password?: string): Promise<void>;
}

/**
 * Returns what signs in with providers, and the identities of the signed-in user.
 *
 * @throws Error there is no provider above
 */
export function useOAuth(): UseOAuthResult {
  const store = useSessionStore("useOAuth");
  const { items: identities, ...listing } = useListing<IdentityInfo>(store, AUTH_OAUTH_ROUTES.identities);
  const { reload } = listing;
  return { identities, ...listing, ...useMemo(() => actions(store, reload), [store, reload]) };
}

function actions(
  store: SessionStore,
  reload: () => Promise<void>,
): Pick<UseOAuthResult, "signInUrl" | "link" | "unlink"> {
  return {
    signInUrl(provider, options) {
      const url = routeCalls(store).url(pathWith(AUTH_OAUTH_ROUTES.initiate, provider));
      const { tenantId } = store.tenant(options?.tenantId);
      return tenantId === undefined ? url : `${url}?tenantId=${encodeURIComponent(tenantId)}`;
    },
    async link(provider, password) {
      const calls = routeCalls(store);
      const path = pathWith(AUTH_OAUTH_ROUTES.link, provider);
      const answer = await calls.read("POST", path, { password, ...(await calls.refreshToken()) });
      return answer.authorizeUrl as string;
    },
    async unlink(identity, password) {
      const calls = routeCalls(store);
      const path = pathWith(AUTH_OAUTH_ROUTES.unlink, identity.id);
      await calls.done(path, { password, ...(await calls.refreshToken()) });
      await reload();
    },
  };
}
