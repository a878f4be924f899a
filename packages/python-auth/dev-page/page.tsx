import { AuthProvider, useSession } from "@bymax-one/python-auth/react";
import { type ReactNode, useEffect, useState } from "react";
import { missing, useArrival } from "./arrivals.ts";
import { put } from "./desk.ts";
import { facts } from "./facts.ts";
import { Bar, Hero } from "./hero.tsx";
import { say } from "./notes.tsx";
import { AccountPart } from "./parts/account.tsx";
import { FactorPart } from "./parts/factor.tsx";
import { InvitationsPart } from "./parts/invitations.tsx";
import { LivePart } from "./parts/live.tsx";
import { LockoutPart } from "./parts/lockout.tsx";
import { MailboxPart } from "./parts/mailbox.tsx";
import { PlatformPart } from "./parts/platform.tsx";
import { NewAddressPart, VerificationPart } from "./parts/proofs.tsx";
import { ProviderPart } from "./parts/provider.tsx";
import { RegistrationPart } from "./parts/registration.tsx";
import { RolesPart } from "./parts/roles.tsx";
import { SecondStepPart } from "./parts/second-step.tsx";
import { SessionsPart } from "./parts/sessions.tsx";
import { SignInPart } from "./parts/sign-in.tsx";
import { TheftPart } from "./parts/theft.tsx";
import { client } from "./server.ts";
import { useStore } from "./store.ts";
import { showHere } from "./tabs.ts";
import { KeepCurrent, useChange, useUser, wasAsked } from "./who.ts";

const EVERY_MS = 1000;

/** The demonstration page. */
export function Page(): ReactNode {
  const [isSignedIn, setSignedIn] = useState(false);
  return (
    // While somebody is signed in, the page shows at once what other tabs, devices and processes end.
    <AuthProvider client={client} revalidateInterval={isSignedIn ? EVERY_MS : 0} revalidateOnFocus={false}>
      <KeepCurrent />
      <FollowSession onSignedIn={setSignedIn} />
      <Bar />
      <Main />
      <footer className="wide dim">
        <p>
          Rate limits: {facts.limits}. Accounts: <Accounts />.
        </p>
      </footer>
    </AuthProvider>
  );
}

function Main(): ReactNode {
  const isBusy = useStore(missing) > 0;
  return (
    <main className="wide" aria-busy={isBusy}>
      <Hero />
      <div className="access">
        <SignInPart />
        <SecondStepPart />
        <AccountPart />
        <NewAddressPart />
        <VerificationPart />
      </div>
      <div className="demos">
        <p className="group">Attack it</p>
        <TheftPart />
        <SessionsPart />
        <LivePart />
        <LockoutPart />
        <p className="group">Let people in</p>
        <FactorPart />
        <ProviderPart />
        <p className="group">Decide who may</p>
        <RolesPart />
        <InvitationsPart />
        <PlatformPart />
      </div>
      <div className="side">
        <MailboxPart />
        <RegistrationPart />
      </div>
    </main>
  );
}

function Accounts(): ReactNode {
  if (facts.accounts.length === 0) return "your own";
  return facts.accounts.map(({ email, password }, at) => (
    <span key={email}>
      {at > 0 && ", "}
      {email} <code>{password}</code>
    </span>
  ));
}

interface FollowSessionProps {
  readonly onSignedIn: (isSignedIn: boolean) => void;
}

/** Does what the whole page does when somebody signs in or out. */
function FollowSession({ onSignedIn }: FollowSessionProps): null {
  const user = useUser();
  const { status, refresh } = useSession();
  useArrival(status !== "loading");
  useChange((now, before) => {
    onSignedIn(now !== null);
    if (now !== null) {
      put({ secondStep: null });
      say("sign-in", "");
    } else if (before !== null) {
      say("account", "");
      if (!wasAsked() && status !== "loading")
        say("sign-in", "This login has ended: the server refuses its tokens.", "bad");
    }
  });
  const email = user?.email ?? null;
  useEffect(() => showHere(email), [email]);
  useEffect(() => {
    const look = (): void => {
      if (!document.hidden) void refresh();
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [refresh]);
  return null;
}
