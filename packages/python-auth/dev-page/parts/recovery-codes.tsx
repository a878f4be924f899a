import type { ReactNode } from "react";
import { Action } from "../act.tsx";
import { desk, put } from "../desk.ts";
import { byId, focusOn } from "../elements.ts";
import { Note } from "../notes.tsx";
import { useStore } from "../store.ts";

/** The recovery codes that were shown, to be kept. */
export function RecoveryCodes(): ReactNode {
  const { recovery } = useStore(desk);
  if (recovery === null) return null;
  const { email, codes } = recovery;

  async function copy(): Promise<string> {
    await navigator.clipboard.writeText(codes.join("\n"));
    return "The codes are in the clipboard.";
  }

  function hide(): void {
    put({ recovery: null });
    focusOn(byId("factor-title"));
  }

  return (
    <div id="codes">
      <h3 id="codes-title" tabIndex={-1}>
        Recovery codes of {email}
      </h3>
      <p className="dim">Each replaces a code of the app once. They are shown now and never again.</p>
      <ul className="codes" aria-labelledby="codes-title">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="row">
        <Action part="codes" className="plain small" run={copy}>
          Copy the codes
        </Action>
        <button type="button" className="plain small" onClick={() => print()}>
          Print the codes
        </button>
        <button type="button" className="plain small" onClick={hide}>
          Hide the codes
        </button>
      </div>
      <Note of="codes" />
    </div>
  );
}
