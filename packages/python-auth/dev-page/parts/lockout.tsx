import { useAuth, useSession } from "@bymax-one/python-auth/react";
import type { AuthClientError } from "@bymax-one/python-auth/shared";
import { type ReactNode, useRef } from "react";
import { Action } from "../act.tsx";
import { show } from "../desk.ts";
import { field, focusOn } from "../elements.ts";
import { codeOf, duration, pause, retryAfter } from "../explain.ts";
import { demoAccounts, facts, knownPassword } from "../facts.ts";
import { leadToSecondStep } from "../lead.ts";
import { Log, logIn, logOn, Note, say } from "../notes.tsx";
import { Section } from "../section.tsx";
import { refusal, refusalOf, send } from "../server.ts";
import { currentUser } from "../who.ts";
import { type Mail, mailbox, TOKEN } from "./mail.ts";

const MAIL_WAIT_MS = 8000;
const ASK_AGAIN_MS = 250;

/** A stranger locks the account, and the owner gets in by mail. */
export function LockoutPart(): ReactNode {
  const { refresh } = useSession();
  const unlock = useUnlock();
  const isLocked = useRef(false);

  async function lock(email: string): Promise<string | undefined> {
    const last = await guess(email);
    if (last === null) {
      await refresh();
      return "The right password still signs in.";
    }
    isLocked.current = true;
    const seconds = retryAfter(last);
    const until = seconds > 0 ? ` for ${duration(seconds)}` : "";
    say("lockout", `The account is locked${until}. Its sessions go on; only sign-in is locked.`, "info");
    return undefined;
  }

  async function open(email: string): Promise<string> {
    const done = await unlock(email, isLocked.current);
    isLocked.current = false;
    return done;
  }

  return (
    <Section id="lockout" hasCode title="Lock yourself out, and back in">
      <p>
        After {facts.attempts} wrong passwords the account is locked for {facts.lockMinutes} minutes, even for
        the right one. Whoever reads the account's mail gets in by a reset.
      </p>
      <div className="row">
        <Action part="lockout" className="danger" run={() => ofSomebody(lock)}>
          Lock me out
        </Action>
        <Action part="lockout" run={() => ofSomebody(open)}>
          Reset by mail and sign in
        </Action>
      </div>
      <Log of="lockout" label="What happened at the lock" />
      <Note of="lockout" />
    </Section>
  );
}

async function ofSomebody(work: (email: string) => Promise<string | undefined>): Promise<string | undefined> {
  const email = currentUser()?.email ?? demoAccounts.get()[0]?.email;
  return email === undefined ? "Create an account first." : work(email);
}

/** Enters wrong passwords until the account is locked, and then the right one; returns its refusal. */
async function guess(email: string): Promise<AuthClientError | null> {
  const log = logIn("lockout");
  const attempt = (password: string): Promise<AuthClientError | null> =>
    refusalOf(() => send("POST", "/auth/login", { email, password }));
  for (let number = 1; number <= facts.attempts; number += 1) {
    const refused = await attempt(`wrong password ${number}`);
    log(`Wrong password ${number} of ${facts.attempts} for ${email}: refused (${refused?.status}).`);
  }
  const known = knownPassword(email);
  const last = await attempt(known ?? "wrong again");
  if (last !== null) {
    const which = known === undefined ? "Any password" : "The right password";
    log(`${which}: refused (${last.status}), ${last.code}.`, "bad");
  }
  return last;
}

/** Returns what resets the password by mail, and signs in with the new one. */
function useUnlock(): (email: string, wasLocked: boolean) => Promise<string> {
  const { forgotPassword, resetPassword, login } = useAuth();
  const { refresh } = useSession();
  return async (email, wasLocked) => {
    const log = wasLocked ? logOn("lockout") : logIn("lockout");
    const before = await newestReset(email);
    await forgotPassword(email);
    const token = await mailedToken(email, before);
    log("A mail with a token that works once is in the mailbox.");
    const newPassword = knownPassword(email);
    if (newPassword === undefined) return choosePassword(email, token);
    await resetPassword({ email, token, newPassword });
    log("The token sets the password. Every session of the account ends.");
    const result = await login(email, newPassword).catch(async (error: unknown) => {
      await refresh();
      log(`The new password: refused, ${codeOf(error)}.`, "bad");
      throw error;
    });
    log(`The new password signs in${wasLocked ? ": the reset has lifted the lock" : ""}.`, "good");
    if (!("mfaRequired" in result)) return "You are signed in again.";
    leadToSecondStep(email, result.mfaTempToken);
    return "The second factor is still asked for: a mail does not replace it.";
  };
}

async function newestReset(email: string): Promise<Mail | undefined> {
  const mails = await mailbox.load();
  return mails.find(({ kind, to }) => kind === TOKEN.kind && to === email);
}

async function mailedToken(email: string, before: Mail | undefined): Promise<string> {
  for (const end = Date.now() + MAIL_WAIT_MS; Date.now() < end; await pause(ASK_AGAIN_MS)) {
    const newest = await newestReset(email);
    const token = newest?.createdAt === before?.createdAt ? null : TOKEN.pattern.exec(newest?.text ?? "");
    if (token) return token[0];
  }
  throw refusal(
    429,
    "No mail came. One address gets one reset mail a minute, so that nobody's mailbox is flooded",
  );
}

/** Lets the owner of an account whose password nobody knows choose another. */
function choosePassword(email: string, token: string): string {
  if (currentUser() !== null) return "Sign out, and set a new password with the token from the mailbox.";
  show({ reset: { email, token }, isForgotten: true });
  focusOn(field("forgotten", "newPassword"));
  return "Choose a new password in the form.";
}
