import { useOAuth } from "@bymax-one/python-auth/react";
import type { ReactNode } from "react";
import { facts } from "../facts.ts";
import { Section } from "../section.tsx";
import { Identities } from "./identities.tsx";
import { Stranger } from "./stranger.tsx";

/** Sign-in with Demo ID, the linked identities, and what becomes of a stranger who came before the owner. */
export function ProviderPart(): ReactNode {
  const { signInUrl } = useOAuth();
  return (
    <Section id="provider" hasCode title="Sign in with another account">
      <p>
        Demo ID is an OpenID provider on this machine, at <code>{facts.demoId}</code>. It says who you are in
        a signed token; the library checks signature, nonce, state and PKCE, and a hook decides who gets an
        account.
      </p>
      <div className="row">
        <a className="button" href={facts.origin + signInUrl("demo-id")}>
          Sign up or sign in with Demo ID
        </a>
      </div>
      <Identities />
      <Stranger />
    </Section>
  );
}
