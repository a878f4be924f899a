import { flushSync } from "react-dom";
import { Store } from "./store.ts";

/** What a visitor has at hand, and several parts of the page use. */
interface Desk {
  /** A sign-in that waits for its second step; after a provider its token is in a cookie. */
  readonly secondStep: { readonly email: string; readonly token: string | undefined } | null;
  readonly isForgotten: boolean;
  /** What a reset mail has proven. */
  readonly reset: { readonly email: string; readonly token: string } | null;
  readonly verification: { readonly email: string; readonly otp: string } | null;
  /** The token of a mail to a new address; empty while it is not used. */
  readonly newAddress: string | null;
  readonly invitation: string | null;
  /** Recovery codes that the page was shown; `isOn` says whether their factor is. */
  readonly recovery: {
    readonly email: string;
    readonly codes: readonly string[];
    readonly isOn: boolean;
  } | null;
}

export const desk: Store<Desk> = new Store<Desk>({
  secondStep: null,
  isForgotten: false,
  reset: null,
  verification: null,
  newAddress: null,
  invitation: null,
  recovery: null,
});

/** Puts something on the desk, or takes it away with `null`. */
export function put(part: Partial<Desk>): void {
  desk.set({ ...desk.get(), ...part });
}

/** As `put`; what the page shows of it is there when this returns, so that it can have the focus. */
export function show(part: Partial<Desk>): void {
  flushSync(() => put(part));
}
