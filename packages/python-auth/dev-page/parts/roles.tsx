import { AuthClientError } from "@bymax-one/python-auth/shared";
import type { ReactNode } from "react";
import { Action } from "../act.tsx";
import { Note, say } from "../notes.tsx";
import { Section } from "../section.tsx";
import { call, refusal } from "../server.ts";
import { currentUser, useChange } from "../who.ts";

/** A route that only an ADMIN may call. */
export function RolesPart(): ReactNode {
  useChange(() => say("roles", ""));
  return (
    <Section id="roles" hasCode title="Ask for what only an ADMIN may">
      <p>
        A role is one dependency of a route. Who has not got it is refused by the server, whatever the page
        shows.
      </p>
      <Action part="roles" run={ask}>
        Open the ADMIN route
      </Action>
      <Note of="roles" />
    </Section>
  );
}

async function ask(): Promise<string> {
  try {
    const { message } = await call<{ message: string }>("GET", "/dev/demo/admin");
    return `${message} The server answered 200: your role is ${currentUser()?.role}.`;
  } catch (error) {
    const status = error instanceof AuthClientError ? error.status : 0;
    if (status === 401) throw refusal(401, "Refused (401): nobody is signed in");
    if (status !== 403) throw error;
    throw refusal(403, `Refused (403): your role is ${currentUser()?.role}, and the route asks for ADMIN`);
  }
}
