import { byId } from "./elements.ts";
import { Store } from "./store.ts";

/** An account whose password is public. */
export interface DemoAccount {
  readonly email: string;
  readonly role: string;
  readonly password: string;
}

/** What the server says of its configuration, so that the texts agree with it. */
interface Facts {
  readonly minimum: number;
  readonly attempts: number;
  readonly lockMinutes: number;
  readonly graceSeconds: number;
  readonly limits: string;
  /** Where Demo ID sends a browser back to. */
  readonly origin: string;
  readonly demoId: string;
  readonly accounts: readonly DemoAccount[];
  readonly admin: { readonly email: string; readonly password: string } | null;
}

/** The facts of the server that has served the page. */
export const facts: Facts = JSON.parse(byId("page").dataset.facts ?? "");

/** The accounts with their present addresses, which a visitor may change. */
export const demoAccounts: Store<readonly DemoAccount[]> = new Store(facts.accounts);

/** Returns the public password of a demo account, or `undefined`. */
export function knownPassword(email: string): string | undefined {
  return demoAccounts.get().find((account) => account.email === email)?.password;
}
