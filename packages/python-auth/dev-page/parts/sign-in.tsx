import { ResetPassword, SignIn } from "@bymax-one/python-auth/components";
import { useAuth, useOAuth } from "@bymax-one/python-auth/react";
import type { ReactNode } from "react";
import { Action } from "../act.tsx";
import { desk, put, show } from "../desk.ts";
import { field, focusOn } from "../elements.ts";
import { codeOf, UNREACHABLE } from "../explain.ts";
import { type DemoAccount, demoAccounts, facts } from "../facts.ts";
import { leadToSecondStep, tellOfAccount } from "../lead.ts";
import { FORM } from "../looks.ts";
import { Note, say } from "../notes.tsx";
import { Section } from "../section.tsx";
import { refusal } from "../server.ts";
import { useStore } from "../store.ts";
import { useUser } from "../who.ts";

const MESSAGES = { unreachable: UNREACHABLE };

/** The ways in: a demo account, a provider, an account of one's own, and a forgotten password. */
export function SignInPart(): ReactNode {
  const user = useUser();
  const { secondStep } = useStore(desk);
  const { signInUrl } = useOAuth();
  if (user !== null || secondStep !== null) return null;
  return (
    <Section id="sign-in" title="Sign in">
      <Note of="sign-in" />
      <DemoAccounts />
      <p>
        <a className="button" href={facts.origin + signInUrl("demo-id")}>
          Continue with Demo ID
        </a>
      </p>
      <p className="or">
        <span>Or use your own account</span>
      </p>
      <SignIn
        hasTitle={false}
        classNames={FORM}
        messages={MESSAGES}
        onSuccess={() => tellOfAccount("You are signed in.")}
        onChallenge={(token, email) => leadToSecondStep(email, token)}
        onUnverified={(email) => put({ verification: { email, otp: "" } })}
        footer={<a href="#registration">Create an account</a>}
      />
      <Forgotten />
    </Section>
  );
}

function DemoAccounts(): ReactNode {
  const accounts = useStore(demoAccounts);
  const { login } = useAuth();

  async function enter({ email, password }: DemoAccount): Promise<undefined> {
    try {
      const result = await login(email, password);
      if ("mfaRequired" in result) leadToSecondStep(email, result.mfaTempToken);
      else tellOfAccount("You are signed in.");
    } catch (error) {
      if (codeOf(error) !== "auth.invalid_credentials") throw error;
      const text = "This demo account has another password or address now";
      throw refusal(401, `${text}. A restart without a data file brings it back`);
    }
  }

  return (
    <div id="demo" className="demo">
      {accounts.map((account) => (
        <Action key={account.role} part="sign-in" run={() => enter(account)}>
          Sign in as {account.role}
          <span> {account.email}</span>
        </Action>
      ))}
    </div>
  );
}

function Forgotten(): ReactNode {
  const { isForgotten, reset } = useStore(desk);

  function succeed(): void {
    const { email } = desk.get().reset ?? { email: "" };
    show({ reset: null, isForgotten: false });
    field("sign-in", "email").value = email;
    say("sign-in", "The new password is set. Sign in with it.");
    focusOn(field("sign-in", "password"));
  }

  return (
    <details
      id="forgotten"
      open={isForgotten}
      onToggle={({ currentTarget }) => put({ isForgotten: currentTarget.open })}
    >
      <summary>Forgot your password?</summary>
      <ResetPassword
        hasTitle={false}
        classNames={FORM}
        hints={{ newPassword: `At least ${facts.minimum} characters.` }}
        messages={{
          ...MESSAGES,
          email: "Email of the account",
          sendInstructions: "Send a reset mail",
          instructionsSent:
            "If there is such an account, a mail with a token is in the mailbox. One address gets one a minute.",
          setPassword: "Set the new password",
        }}
        proof={reset ?? undefined}
        onSuccess={succeed}
        header={
          reset && (
            <p className="dim">
              The mail to {reset.email} has proven who asks, by the token{" "}
              <code>{reset.token.slice(0, 8)}…</code>
            </p>
          )
        }
      />
      {reset && (
        <button type="button" className="plain small" onClick={() => put({ reset: null })}>
          Ask for another mail
        </button>
      )}
    </details>
  );
}
