import { AUTH_INVITATION_ROUTES, type AuthResult } from "@bymax-one/python-auth/shared";
import { useMemo } from "react";
import { routeCalls } from "./route-calls.ts";
import type { SessionStore } from "./session-store.ts";
import { useSessionStore } from "./use-session-store.ts";

/** An address to invite, with the role that its account will have. */
export interface InvitationInput {
  email: string;
  role: string;
  /** The name of the tenant in the mail. */
  tenantName?: string;
}

/** A new account, from the token of an invitation. */
export interface AcceptInvitationInput {
  token: string;
  name: string;
  password: string;
  /** Where the server has a model of profiles. */
  profile?: Record<string, unknown>;
}

/** What invites, and accepts; each function throws `AuthClientError` for a refusal. */
export interface UseInvitationsResult {
  /** Sends an invitation; one that the address has already is replaced. */
  invite(input: InvitationInput): Promise<void>;
  /** Withdraws the pending invitation of an address. */
  revoke(email: string): Promise<void>;
  /** Creates the account of an invitation, and signs it in if it may sign in already. */
  accept(input: AcceptInvitationInput): Promise<AuthResult>;
}

/**
 * Returns what invites people, and accepts an invitation; each function stays the same.
 *
 * @throws Error there is no provider above
 */
export function useInvitations(): UseInvitationsResult {
  const store = useSessionStore("useInvitations");
  return useMemo(() => actions(store), [store]);
}

function actions(store: SessionStore): UseInvitationsResult {
  return {
    invite: (input) => routeCalls(store).done(AUTH_INVITATION_ROUTES.create, input),
    revoke: (email) => routeCalls(store).done(AUTH_INVITATION_ROUTES.revoke, { email }),
    async accept(input) {
      const result = await routeCalls(store).session(AUTH_INVITATION_ROUTES.accept, input);
      await store.adoptNew(result);
      return result;
    },
  };
}
