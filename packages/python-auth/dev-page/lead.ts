import { desk, show } from "./desk.ts";
import { byId, field, focusOn } from "./elements.ts";
import { demoAccounts } from "./facts.ts";
import { say } from "./notes.tsx";
import { currentUser } from "./who.ts";

/** Leads a visitor who is not signed in to where that is done. */
export function leadToSignIn(part: string): undefined {
  if (desk.get().secondStep !== null) {
    say(part, "Sign in first: the second factor is still missing.", "bad");
    focusOn(field("second-step", "code"));
    return;
  }
  say(part, "Sign in first: one press on a demo account is enough.", "bad");
  const first = demoAccounts.get().length > 0 ? byId("demo").querySelector("button") : null;
  focusOn(first ?? field("sign-in", "email"));
}

/** Asks for the second step of a sign-in. */
export function leadToSecondStep(email: string, token: string | undefined): void {
  // The form takes the focus itself.
  show({ secondStep: { email, token } });
}

/** Returns where news of the account is told: beside it, or beside the way in. */
export function placeOfNews(): "account" | "sign-in" {
  return currentUser() === null ? "sign-in" : "account";
}

/** Tells what became of the account, and moves the focus there. */
export function tellOfAccount(text: string, kind?: "ok" | "bad"): void {
  const place = placeOfNews();
  say(place, text, kind);
  focusOn(byId(`${place}-title`));
}
