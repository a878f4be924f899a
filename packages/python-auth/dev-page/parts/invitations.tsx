import { useInvitations } from "@bymax-one/python-auth/react";
import { type ReactNode, useState } from "react";
import { flushSync } from "react-dom";
import { desk, put } from "../desk.ts";
import { codeOf } from "../explain.ts";
import { facts } from "../facts.ts";
import { FieldRefused, Form, type Values } from "../form.tsx";
import { leadToSignIn, tellOfAccount } from "../lead.ts";
import { say } from "../notes.tsx";
import { Section } from "../section.tsx";
import { useStore } from "../store.ts";
import { asAsked, currentUser, useChange } from "../who.ts";

/** An invitation into the tenant, and its acceptance by the invited person. */
export function InvitationsPart(): ReactNode {
  const { invitation } = useStore(desk);
  useChange(() => say("invite", ""));
  return (
    <Section id="invitations" hasCode title="Invite a person">
      <p>
        An ADMIN may invite to both roles, a MEMBER to MEMBER only. The mail proves the address, so the new
        account needs no further code.
      </p>
      <Invite />
      {invitation !== null && <Accept token={invitation} />}
    </Section>
  );
}

function Invite(): ReactNode {
  const { invite, revoke } = useInvitations();
  // The form keeps the address, which may be invited again or not at all.
  const [kept, setKept] = useState(() => ({ email: someAddress(), role: "MEMBER" }));

  async function send({ email = "", role = "" }: Values, pressed: string): Promise<string | undefined> {
    const user = currentUser();
    if (user === null) return leadToSignIn("invite");
    flushSync(() => setKept({ email, role }));
    if (pressed === "withdraw") {
      await revoke(email);
      return `${email} has no invitation now that you may take back: a token in an earlier mail is void.`;
    }
    try {
      await invite({ email, role, tenantName: "Demo Ltd" });
    } catch (error) {
      if (codeOf(error) !== "auth.insufficient_role") throw error;
      throw new FieldRefused("role", `Refused (403): a ${user.role} may not invite to ${role}.`);
    }
    return `The mailbox has an invitation for ${email}.`;
  }

  return (
    <Form
      id="invite"
      send={send}
      fieldsClass="pair even"
      fields={[
        { name: "email", label: "Email to invite", type: "email", autoComplete: "off", value: kept.email },
        { name: "role", label: "Role", options: ["MEMBER", "ADMIN"], value: kept.role },
      ]}
    >
      <div className="row">
        <button type="submit" value="invite">
          Send the invitation
        </button>
        <button type="submit" value="withdraw" className="plain">
          Take it back
        </button>
      </div>
    </Form>
  );
}

function Accept({ token }: { token: string }): ReactNode {
  const { accept } = useInvitations();

  async function join({ token = "", name = "", password = "" }: Values): Promise<undefined> {
    await asAsked(() => accept({ token, name, password }));
    put({ invitation: null });
    tellOfAccount("You are signed in as the invited person. The mail has proven the address.");
  }

  return (
    <>
      <h3>As the invited person</h3>
      <Form
        key={token}
        id="accept"
        send={join}
        fields={[
          {
            name: "token",
            label: "Token from the invitation",
            isCode: true,
            autoComplete: "off",
            minLength: 64,
            maxLength: 64,
            value: token,
          },
          { name: "name", label: "Your name", autoComplete: "name", minLength: 2 },
          {
            name: "password",
            label: "Your password",
            type: "password",
            autoComplete: "new-password",
            minLength: facts.minimum,
            hint: `At least ${facts.minimum} characters.`,
          },
        ]}
      >
        <button type="submit">Accept the invitation</button>
      </Form>
    </>
  );
}

function someAddress(): string {
  const [random = 0] = crypto.getRandomValues(new Uint16Array(1));
  return `guest-${1000 + (random % 9000)}@example.com`;
}
