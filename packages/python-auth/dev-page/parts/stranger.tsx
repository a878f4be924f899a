import { useOAuth } from "@bymax-one/python-auth/react";
import type { AuthClientError, AuthResult } from "@bymax-one/python-auth/shared";
import { type ReactNode, useState } from "react";
import { flushSync } from "react-dom";
import { Action } from "../act.tsx";
import { byId, focusOn } from "../elements.ts";
import { facts } from "../facts.ts";
import { type AddLine, Log, logIn, Note, say } from "../notes.tsx";
import { refusalOf, send, sendAs } from "../server.ts";
import { currentUser } from "../who.ts";

/** Survives the way to the provider and back, in this tab alone. */
const KEPT = "bymax-auth-demo-stranger";

/** A stranger is somebody else's browser: without the cookies of this one. */
const ELSEWHERE: RequestInit = { credentials: "omit", headers: { "X-Auth-Delivery": "bearer" } };

interface Intruder {
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
}

/** Somebody who registers the address of another person, before that person comes. */
export function Stranger(): ReactNode {
  const { signInUrl } = useOAuth();
  const [owner, setOwner] = useState<string | null>(null);

  async function intrude(): Promise<string> {
    const log = logIn("stranger");
    const { name, email } = await send<{ name: string; email: string }>("POST", "/dev/demo/owner");
    const password = `stranger-${crypto.randomUUID()}`;
    const account = { name: "A stranger", email, password };
    const { accessToken } = await send<AuthResult>("POST", "/auth/register", account, ELSEWHERE);
    log(
      `A stranger registers ${email} with a password of their own, and is signed in. The address is not verified.`,
    );
    sessionStorage.setItem(KEPT, JSON.stringify({ email, password, accessToken } satisfies Intruder));
    flushSync(() => setOwner(name));
    focusOn(byId("owner"));
    return `The owner has heard of nothing. At Demo ID, choose ${name}.`;
  }

  return (
    <>
      <h3>Somebody was there first</h3>
      <p>
        Anybody can register an address that is not theirs. Be that stranger, then let the owner come with
        Demo ID.
      </p>
      <div className="row">
        <Action part="stranger" className="danger" run={intrude}>
          Register the owner’s address
        </Action>
        {owner !== null && (
          <a id="owner" className="button" href={facts.origin + signInUrl("demo-id")}>
            Come as the owner, {owner}
          </a>
        )}
      </div>
      <Log of="stranger" label="What became of the stranger" />
      <Note of="stranger" />
    </>
  );
}

/** Shows what the stranger still has, once the owner is there; returns whether there was a stranger. */
export async function lookAtStranger(): Promise<boolean> {
  const user = currentUser();
  const stranger: Intruder | null = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (user === null || stranger?.email !== user.email) return false;
  sessionStorage.removeItem(KEPT);
  const log = logIn("stranger");
  log(`A stranger had registered ${user.email}, and was signed in.`);
  log(`${user.name} comes with Demo ID, which has verified ${user.email}. The account is theirs now.`);
  const { email, password, accessToken } = stranger;
  const session = await refusalOf(() => sendAs(accessToken, "GET", "/auth/me"));
  const login = await refusalOf(() => send("POST", "/auth/login", { email, password }, ELSEWHERE));
  tell(log, "The stranger’s session", session);
  tell(log, "The stranger’s password", login);
  if (session !== null && login !== null) say("stranger", "Nothing of the stranger is left.");
  else say("stranger", "The stranger is still in the account.", "bad");
  return true;
}

function tell(log: AddLine, what: string, refused: AuthClientError | null): void {
  if (refused === null) log(`${what}: still let in.`, "bad");
  else log(`${what}: refused (${refused.status}), ${refused.code}.`, "good");
}
