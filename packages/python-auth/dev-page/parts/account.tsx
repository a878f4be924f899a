import { SessionList } from "@bymax-one/python-auth/components";
import { useAuth, useSession } from "@bymax-one/python-auth/react";
import { type ReactNode, useState } from "react";
import { Action } from "../act.tsx";
import { show } from "../desk.ts";
import { byId, field, focusOn } from "../elements.ts";
import { facts } from "../facts.ts";
import { Form, type Values } from "../form.tsx";
import { tellOfAccount } from "../lead.ts";
import { LIST } from "../looks.ts";
import { Note, say } from "../notes.tsx";
import { Section } from "../section.tsx";
import { call } from "../server.ts";
import { asAsked, useUser } from "../who.ts";

/** Who is signed in, and what they change of their account. */
export function AccountPart(): ReactNode {
  const user = useUser();
  const { logout } = useAuth();
  if (user === null) return null;

  async function leave(): Promise<undefined> {
    await asAsked(logout);
    tellOfAccount("You are signed out.");
  }

  return (
    <Section id="account" title="Signed in">
      <p className="who">
        <strong>{user.name}</strong> <span className="mark">{user.role}</span>
        <br />
        <span>{user.email}</span>
      </p>
      <p className="dim">
        Tenant <code>{user.tenantId}</code>.{" "}
        {user.emailVerified ? "Address verified." : "Address not verified yet."}
      </p>
      <Note of="account" />
      <Action part="account" className="plain" run={leave}>
        Sign out
      </Action>
      <Devices />
      <ChangePassword email={user.email} />
      <ChangeAddress email={user.email} />
    </Section>
  );
}

/** The package's list, as every application gets it; the demonstration of sessions has one with a clock. */
function Devices(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Where you are signed in</summary>
      {isOpen && <SessionList hasTitle={false} classNames={LIST} />}
    </details>
  );
}

function ChangePassword({ email }: { email: string }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const { refresh } = useSession();

  async function change(values: Values): Promise<undefined> {
    await call("POST", "/auth/password/change", values);
    setOpen(false);
    await refresh();
    tellOfAccount("Your password is changed. Your other sessions have ended.");
  }

  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Change your password</summary>
      <Form
        id="change"
        owner={email}
        send={change}
        fields={[
          {
            name: "currentPassword",
            label: "Current password",
            type: "password",
            autoComplete: "current-password",
          },
          {
            name: "newPassword",
            label: "New password",
            type: "password",
            autoComplete: "new-password",
            minLength: facts.minimum,
            hint: `At least ${facts.minimum} characters. Your other sessions will end.`,
          },
        ]}
      >
        <button type="submit">Change password</button>
      </Form>
    </details>
  );
}

function ChangeAddress({ email }: { email: string }): ReactNode {
  const [isOpen, setOpen] = useState(false);

  async function ask(values: Values): Promise<undefined> {
    await call("POST", "/auth/email/change", values);
    setOpen(false);
    show({ newAddress: "" });
    say("account", `Nothing has changed yet. A mail to ${values.newEmail} has a token that confirms it.`);
    byId("account-note").scrollIntoView({ block: "nearest" });
    focusOn(field("confirm-address", "token"));
  }

  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Change your address</summary>
      <Form
        id="move"
        owner={email}
        send={ask}
        fields={[
          { name: "newEmail", label: "New address", type: "email", autoComplete: "off" },
          {
            name: "currentPassword",
            label: "Password of the account",
            type: "password",
            autoComplete: "current-password",
            hint: "The demo accounts have theirs at the foot of this page.",
          },
        ]}
      >
        <button type="submit">Send a mail to the new address</button>
      </Form>
    </details>
  );
}
