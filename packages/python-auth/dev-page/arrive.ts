import { byId, focusOn } from "./elements.ts";
import { sentence } from "./explain.ts";
import { leadToSecondStep, placeOfNews, tellOfAccount } from "./lead.ts";
import { say } from "./notes.tsx";
import { comeBack } from "./parts/identities.tsx";
import { lookAtStranger } from "./parts/stranger.tsx";
import { currentUser } from "./who.ts";

const REFUSALS: Readonly<Record<string, string>> = {
  oauth_failed: "Demo ID did not sign you in.",
  oauth_email_mismatch:
    "An account here has this address already, and an address at a provider is no proof of it. Sign in with its password.",
  email_not_verified: "Demo ID has not verified this address, and neither have you. The mailbox has a code.",
};

/** Says how the browser came back from the provider, once, and makes the address the page's own again. */
export async function arrive(): Promise<void> {
  const query = new URLSearchParams(location.search);
  if (location.search !== "") history.replaceState(null, "", location.pathname);
  if (comeBack(query)) return;
  const error = query.get("error");
  if (error !== null) {
    tellOfAccount(REFUSALS[error] ?? sentence(`Refused: ${error.replaceAll("_", " ")}`), "bad");
  } else if (query.has("second-step") && currentUser() === null) {
    leadToSecondStep("", undefined);
  } else if (query.has("signed-in") && currentUser() !== null) {
    say(placeOfNews(), "You are signed in with Demo ID.");
    focusOn(byId((await lookAtStranger()) ? "provider-title" : "account-title"));
  }
}
