import { useSession } from "@bymax-one/python-auth/react";
import type { ReactNode } from "react";
import { Action } from "../act.tsx";
import { desk, put } from "../desk.ts";
import { field } from "../elements.ts";
import { demoAccounts } from "../facts.ts";
import { Form, type Values } from "../form.tsx";
import { tellOfAccount } from "../lead.ts";
import { Section } from "../section.tsx";
import { send } from "../server.ts";
import { useStore } from "../store.ts";
import { currentUser, useUser } from "../who.ts";

/** Asks for the code that was mailed to a new account. */
export function VerificationPart(): ReactNode {
  const user = useUser();
  const { refresh } = useSession();
  const { verification } = useStore(desk);
  if (user?.emailVerified ?? verification === null) return null;
  const email = verification?.email ?? user?.email ?? "";

  async function verify(values: Values): Promise<undefined> {
    await send("POST", "/auth/verify-email", values);
    put({ verification: null });
    await refresh();
    if (currentUser() === null) field("sign-in", "email").value = values.email ?? "";
    tellOfAccount("Your address is verified.");
  }

  async function resend(): Promise<string> {
    await send("POST", "/auth/resend-verification", { email: field("verify", "email").value });
    return "If the address is not verified yet, a new code is in the mailbox.";
  }

  return (
    <Section id="verification" title="Verify your address">
      <p className="dim">
        The <a href="#mailbox">mailbox</a> on this page has a mail with a six-digit code.
      </p>
      <Form
        key={email + (verification?.otp ?? "")}
        id="verify"
        send={verify}
        fields={[
          {
            name: "email",
            label: "Email to verify",
            type: "email",
            autoComplete: "username",
            value: email,
          },
          {
            name: "otp",
            label: "Code",
            isCode: true,
            inputMode: "numeric",
            autoComplete: "one-time-code",
            minLength: 6,
            maxLength: 6,
            value: verification?.otp,
          },
        ]}
      >
        <div className="row">
          <button type="submit">Verify</button>
          <Action part="verify" className="plain" run={resend}>
            Send a new code
          </Action>
        </div>
      </Form>
    </Section>
  );
}

/** Asks for the token that was mailed to another address of the account. */
export function NewAddressPart(): ReactNode {
  const { newAddress } = useStore(desk);
  const { refresh } = useSession();
  if (newAddress === null) return null;

  async function confirm(values: Values): Promise<undefined> {
    const before = currentUser();
    await send("POST", "/auth/email/change/confirm", values);
    put({ newAddress: null });
    await refresh();
    const now = currentUser();
    if (before !== null && now !== null) renameDemoAccount(before.email, now.email);
    tellOfAccount("The address is changed, and the old one is told so.");
  }

  return (
    <Section id="new-address" title="Confirm the new address">
      <p className="dim">
        The mail to the new address has a token. Until it is used, the account keeps its address.
      </p>
      <Form
        key={newAddress}
        id="confirm-address"
        send={confirm}
        fields={[
          {
            name: "token",
            label: "Token from the mail to the new address",
            isCode: true,
            autoComplete: "off",
            minLength: 64,
            maxLength: 64,
            value: newAddress,
          },
        ]}
      >
        <button type="submit">Change the address</button>
      </Form>
    </Section>
  );
}

/** The button of a demo account signs in with the address that the account has. */
function renameDemoAccount(before: string, now: string): void {
  const renamed = demoAccounts
    .get()
    .map((account) => (account.email === before ? { ...account, email: now } : account));
  demoAccounts.set(renamed);
}
