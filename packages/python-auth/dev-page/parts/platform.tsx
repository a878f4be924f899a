import type { PlatformAuthResult, PlatformLoginResult } from "@bymax-one/python-auth/shared";
import { AuthClientError } from "@bymax-one/python-auth/shared";
import { type ReactNode, useState } from "react";
import { flushSync } from "react-dom";
import { Action } from "../act.tsx";
import { byId, focusOn } from "../elements.ts";
import { facts } from "../facts.ts";
import { Form, type Values } from "../form.tsx";
import { type AddLine, Log, logIn, Note } from "../notes.tsx";
import { Section } from "../section.tsx";
import { refusalOf, send, sendAs } from "../server.ts";
import { currentUser } from "../who.ts";

const OF_A_TENANT = ["/auth/me", "/auth/sessions", "/dev/demo/admin"];

/** An administrator of the platform: another realm, whose tokens open nothing of a tenant. */
export function PlatformPart(): ReactNode {
  // In the memory of this page only.
  const [session, setSession] = useState<PlatformAuthResult | null>(null);

  function become(next: PlatformAuthResult | null): void {
    logIn("platform");
    flushSync(() => setSession(next));
    focusOn(byId("platform-title"));
  }

  return (
    <Section id="platform" hasCode title="Be an administrator of the platform">
      <p>
        Who runs a product for many tenants belongs to none of them. That realm has its own accounts, routes
        and tokens, and uses no cookie.
      </p>
      {session === null ? (
        <SignInToPlatform onSession={become} />
      ) : (
        <Console session={session} onRenewed={setSession} onLeft={() => become(null)} />
      )}
      <Log of="platform" label="Which tokens were let in" />
      <Note of="platform" />
    </Section>
  );
}

function SignInToPlatform({ onSession }: { onSession: (session: PlatformAuthResult) => void }): ReactNode {
  async function signIn(values: Values): Promise<string> {
    const answer = await send<PlatformLoginResult>("POST", "/auth/platform/login", values);
    if ("mfaRequired" in answer)
      return "This administrator has a second factor: see /docs for its second step.";
    onSession(answer);
    return "You are signed in to the platform. No cookie was set: a reload forgets it.";
  }

  return (
    <Form
      id="root"
      part="platform"
      send={signIn}
      fieldsClass={facts.admin === null ? "pair even" : "absent"}
      fields={[
        {
          name: "email",
          label: "Email of the administrator",
          type: "email",
          autoComplete: "off",
          value: facts.admin?.email,
        },
        {
          name: "password",
          label: "Password of the administrator",
          type: "password",
          autoComplete: "off",
          value: facts.admin?.password,
        },
      ]}
    >
      <div className="row">
        <button type="submit">Sign in to the platform</button>
      </div>
    </Form>
  );
}

interface ConsoleProps {
  readonly session: PlatformAuthResult;
  readonly onRenewed: (session: PlatformAuthResult) => void;
  readonly onLeft: () => void;
}

function Console({ session, onRenewed, onLeft }: ConsoleProps): ReactNode {
  const { admin } = session;

  async function tryEverywhere(): Promise<string | undefined> {
    const log = logIn("platform");
    const { accessToken } = await current(session, onRenewed);
    log(`The administrator's token at /auth/platform/me: let in, as ${admin.email}.`);
    for (const path of OF_A_TENANT) {
      tell(log, `The same token at ${path}`, await refusalOf(() => sendAs(accessToken, "GET", path)));
    }
    const user = currentUser();
    if (user === null) return "Sign in as a MEMBER too, to try the other direction.";
    const refused = await refusalOf(() => send("GET", "/auth/platform/me"));
    tell(log, `The cookie of ${user.email} at /auth/platform/me`, refused);
    return undefined;
  }

  async function leave(): Promise<string> {
    const { accessToken, refreshToken } = session;
    await sendAs(accessToken, "POST", "/auth/platform/logout", { refreshToken });
    onLeft();
    return "You are signed out of the platform.";
  }

  return (
    <>
      <p className="who">
        <strong>
          {admin.name}, {admin.email}
        </strong>{" "}
        <span className="mark">{admin.role}</span>
      </p>
      <div className="row">
        <Action part="platform" run={tryEverywhere}>
          Try every token in the other realm
        </Action>
        <Action part="platform" className="plain" run={leave}>
          Leave the platform
        </Action>
      </div>
    </>
  );
}

/** Opens the realm's own route, with new tokens where the access token has ended. */
async function current(
  session: PlatformAuthResult,
  onRenewed: (session: PlatformAuthResult) => void,
): Promise<PlatformAuthResult> {
  const open = ({ accessToken }: PlatformAuthResult): Promise<unknown> =>
    sendAs(accessToken, "GET", "/auth/platform/me");
  try {
    await open(session);
    return session;
  } catch (error) {
    if (!(error instanceof AuthClientError) || error.status !== 401) throw error;
  }
  const { refreshToken } = session;
  const tokens = await send<object>("POST", "/auth/platform/refresh", { refreshToken });
  const renewed = { ...session, ...tokens };
  await open(renewed);
  onRenewed(renewed);
  return renewed;
}

function tell(log: AddLine, about: string, refused: AuthClientError | null): void {
  if (refused === null) log(`${about}: let in.`, "bad");
  else log(`${about}: refused (${refused.status}), ${refused.code}.`, "good");
}
