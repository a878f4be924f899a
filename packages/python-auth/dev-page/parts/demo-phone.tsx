import type { ReactNode } from "react";
import { Action } from "../act.tsx";
import { field, focusOn } from "../elements.ts";
import { send } from "../server.ts";

interface DemoPhoneProps {
  readonly part: string;
  /** The element with the field `code`. */
  readonly form: string;
  /** Whose code it is: an account's, a sign-in's that waits, or an enrolment's. */
  readonly of: { readonly email?: string; readonly secret?: string };
}

/** Fills in a code of the authenticator app of somebody who has no phone at hand. */
export function DemoPhone({ part, form, of }: DemoPhoneProps): ReactNode {
  async function fill(): Promise<undefined> {
    const { code } = await send<{ code: string }>("POST", "/dev/demo/code", of);
    const input = field(form, "code");
    input.value = code;
    focusOn(input);
  }
  return (
    <Action part={part} className="plain" run={fill}>
      Code from the demo phone
    </Action>
  );
}
