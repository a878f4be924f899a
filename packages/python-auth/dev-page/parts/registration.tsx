import { SignUp } from "@bymax-one/python-auth/components";
import type { AuthResult } from "@bymax-one/python-auth/shared";
import type { ReactNode } from "react";
import { desk, put } from "../desk.ts";
import { UNREACHABLE } from "../explain.ts";
import { facts } from "../facts.ts";
import { tellOfAccount } from "../lead.ts";
import { FORM } from "../looks.ts";
import { Section } from "../section.tsx";
import { useStore } from "../store.ts";
import { currentUser, useUser } from "../who.ts";

const CREATED = "Your account exists. The code to verify your address is in the mailbox.";

/** Creates an account. */
export function RegistrationPart(): ReactNode {
  const user = useUser();
  const { secondStep } = useStore(desk);
  if (user !== null || secondStep !== null) return null;

  function succeed({ user: created }: AuthResult): void {
    if (currentUser() !== null) tellOfAccount(CREATED);
    else put({ verification: { email: created.email, otp: "" } });
  }

  return (
    <Section id="registration" title="Create an account">
      <SignUp
        hasTitle={false}
        classNames={FORM}
        hints={{ password: `At least ${facts.minimum} characters, and no well-known password.` }}
        messages={{
          accountWaits: CREATED,
          unreachable: UNREACHABLE,
        }}
        onSuccess={succeed}
      />
    </Section>
  );
}
