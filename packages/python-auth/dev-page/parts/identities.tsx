import { useOAuth } from "@bymax-one/python-auth/react";
import type { IdentityInfo } from "@bymax-one/python-auth/shared";
import { type ReactNode, useEffect } from "react";
import { Action } from "../act.tsx";
import { useArrival } from "../arrivals.ts";
import { byId, field, focusOn } from "../elements.ts";
import { codeOf } from "../explain.ts";
import { facts } from "../facts.ts";
import { FieldRefused, Form, type Values } from "../form.tsx";
import { leadToSignIn } from "../lead.ts";
import { Note, say } from "../notes.tsx";
import { useProof } from "../proof.ts";
import { refusal } from "../server.ts";
import { currentUser, useChange, useUser } from "../who.ts";

/** Where a tab that has left for Demo ID to link, and not to sign in, keeps that it did. */
const LEFT = "bymax-auth-demo-link";
const LAST = "This is the last way in: the account has no password. Link another identity first.";
const NOT_LINKED: Readonly<Record<string, string>> = {
  oauth_failed: "Demo ID was not linked.",
  oauth_email_mismatch: "This identity is linked to another account, and stays there.",
};

/** The linked identities of the account: listed, linked at Demo ID, and unlinked. */
export function Identities(): ReactNode {
  const user = useUser();
  const { identities, error, reload, link, unlink } = useOAuth();
  const proof = useProof();
  useChange(() => say("link", ""));
  useArrival(user === null || (identities ?? error) !== null);
  useEffect(() => {
    const look = (): void => {
      if (!document.hidden && currentUser() !== null) void reload();
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [reload]);

  async function leave({ password = "" }: Values): Promise<string | undefined> {
    const user = currentUser();
    if (location.origin !== facts.origin) {
      say("link", `Demo ID sends you back to ${facts.origin}: open this page there, and sign in.`, "bad");
      return undefined;
    }
    if (user === null) return leadToSignIn("link");
    const url = await proof.prove(password, (proven) => link("demo-id", proven || undefined));
    sessionStorage.setItem(LEFT, user.id);
    location.assign(url);
    return undefined;
  }

  async function remove(identity: IdentityInfo): Promise<undefined> {
    say("link", "");
    try {
      const typed = field("link", "password").value;
      await proof.prove(typed, (proven) => unlink(identity, proven || undefined));
    } catch (error) {
      if (codeOf(error) === "auth.forbidden") return say(`identity-${identity.id}`, LAST, "bad") as undefined;
      if (!(error instanceof FieldRefused) && codeOf(error) !== "auth.invalid_credentials") throw error;
      proof.ask();
      focusOn(field("link", "password"));
      throw refusal(401, error instanceof FieldRefused ? error.message : "This password is not right");
    }
    say("link", `${nameOf(identity)} is unlinked. Every other session of the account has ended.`);
    focusOn(byId("identities-title"));
  }

  return (
    <>
      <h3 id="identities-title" tabIndex={-1}>
        Linked identities
      </h3>
      <p>
        An account may have several ways in. Linking and unlinking ask for its password again; an account
        without one must have signed in within the last five minutes.
      </p>
      <IdentityList identities={user === null ? null : (identities ?? [])} remove={remove} />
      <Form
        id="link"
        owner={user?.email ?? ""}
        send={leave}
        fields={[
          {
            name: "password",
            label: "Password, to link or unlink",
            type: "password",
            autoComplete: "current-password",
            isOptional: true,
            isHidden: !proof.isAsked,
            hint: "Leave it empty if this account was made with Demo ID.",
          },
        ]}
      >
        <div className="row">
          <button type="submit">Link Demo ID to this account</button>
        </div>
      </Form>
    </>
  );
}

interface IdentityListProps {
  readonly identities: readonly IdentityInfo[] | null;
  readonly remove: (identity: IdentityInfo) => Promise<undefined>;
}

function IdentityList({ identities, remove }: IdentityListProps): ReactNode {
  return (
    <ul className="list" aria-labelledby="identities-title">
      {identities === null && <li className="empty">Sign in to see those of your account.</li>}
      {identities?.length === 0 && <li className="empty">No identity is linked to this account.</li>}
      {identities?.map((identity) => (
        <li key={identity.id}>
          <div>
            <strong>{nameOf(identity)}</strong>
            <div className="dim">
              {identity.providerId}
              {identity.linkedAt !== null && `, since ${new Date(identity.linkedAt).toLocaleString()}`}
            </div>
          </div>
          <Action
            part={`identity-${identity.id}`}
            className="plain small"
            name={`Unlink ${nameOf(identity)}, ${identity.providerId}`}
            run={() => remove(identity)}
          >
            Unlink
          </Action>
          <Note of={`identity-${identity.id}`} />
        </li>
      ))}
    </ul>
  );
}

function nameOf({ provider }: IdentityInfo): string {
  return provider === "demo-id" ? "Demo ID" : provider;
}

/** Says how the browser came back from a link; returns `false` when it had left for something else. */
export function comeBack(query: URLSearchParams): boolean {
  const user = currentUser();
  const owner = sessionStorage.getItem(LEFT);
  sessionStorage.removeItem(LEFT);
  const error = query.get("error");
  if (user === null || !(query.has("linked") || (error !== null && owner === user.id))) return false;
  if (error === null) say("link", "Demo ID is linked. From now on it signs you in to this account.");
  else say("link", NOT_LINKED[error] ?? `Demo ID was not linked: ${error.replaceAll("_", " ")}.`, "bad");
  focusOn(byId("identities-title"));
  return true;
}
