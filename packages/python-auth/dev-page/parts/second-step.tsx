import { MfaChallenge } from "@bymax-one/python-auth/components";
import type { ReactNode } from "react";
import { Action } from "../act.tsx";
import { desk, put, show } from "../desk.ts";
import { byId, field, focusOn } from "../elements.ts";
import { UNREACHABLE } from "../explain.ts";
import { tellOfAccount } from "../lead.ts";
import { FORM } from "../looks.ts";
import { Note, say } from "../notes.tsx";
import { Section } from "../section.tsx";
import { useStore } from "../store.ts";
import { useUser } from "../who.ts";
import { DemoPhone } from "./demo-phone.tsx";

const MESSAGES = {
  secondFactor: "Second factor",
  secondFactorHint: "Nobody is signed in yet.",
  code: "Code of the app, or a recovery code",
  verify: "Continue",
  startAgain: "Back to sign-in",
  unreachable: UNREACHABLE,
  "auth.mfa_invalid_code": "Invalid MFA code.",
  "auth.mfa_temp_token_invalid":
    "The second step took too long, or its sign-in has ended. Go back, and sign in again.",
};

/** The second step of a sign-in: a code of the app, or a recovery code. */
export function SecondStepPart(): ReactNode {
  const user = useUser();
  const { secondStep } = useStore(desk);
  if (user !== null || secondStep === null) return null;
  return (
    <Section id="second-step" title="Second factor">
      <MfaChallenge
        key={secondStep.token ?? ""}
        hasTitle={false}
        classNames={FORM}
        messages={MESSAGES}
        mfaTempToken={secondStep.token}
        onSuccess={() => tellOfAccount("You are signed in, with both factors.")}
        onRestart={restart}
        header={
          <p className="dim">
            The first step of <strong>{secondStep.email || "this sign-in"}</strong> is done.
          </p>
        }
        footer={
          <div className="row">
            <DemoPhone part="second-step" form="second-step" of={{ email: secondStep.email }} />
            <Recovery email={secondStep.email} />
          </div>
        }
      />
      <Note of="second-step" />
    </Section>
  );
}

function Recovery({ email }: { email: string }): ReactNode {
  const { recovery } = useStore(desk);
  const [next, ...others] = recovery?.email === email ? recovery.codes : [];
  if (recovery === null || next === undefined) return null;
  return (
    <Action
      part="second-step"
      className="plain"
      run={async () => {
        // Each works once.
        put({ recovery: { ...recovery, codes: others } });
        field("second-step", "code").value = next;
        focusOn(field("second-step", "code"));
        return undefined;
      }}
    >
      Use a recovery code
    </Action>
  );
}

function restart(): void {
  show({ secondStep: null });
  say("sign-in", "");
  focusOn(byId("sign-in-title"));
}
