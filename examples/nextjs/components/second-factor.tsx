"use client";

import { useMfa, useSession } from "@bymax-one/python-auth/react";
import type { MfaSetupResult } from "@bymax-one/python-auth/shared";
import { type SubmitEvent, useState } from "react";
import { CodeForm } from "@/components/code-form";

/** Adds an authenticator app to the account, or removes it. */
export function SecondFactor() {
  const session = useSession();
  const { setup, enable, disable } = useMfa();
  const [begun, setBegun] = useState<MfaSetupResult>();
  if (session.user === null) return null;
  if (session.user.mfaEnabled) {
    return (
      <CodeForm title="Your authenticator app" submit="Remove it" send={(code) => disable(code)}>
        <p>
          <strong className="badge">On</strong> Signing in asks for a code. Removing the app signs you out
          everywhere.
        </p>
      </CodeForm>
    );
  }
  if (begun === undefined) return <Begin begin={async (password) => setBegun(await setup(password))} />;
  return (
    <CodeForm title="Add an authenticator app" submit="Turn on" send={(code) => enable(code)}>
      <p>
        Enter this key in the app, or <a href={begun.qrCodeUri}>open it on this device</a>:
      </p>
      <p>
        <code data-testid="secret">{begun.secret}</code>
      </p>
      <p>Keep these recovery codes where the phone is not; each works once:</p>
      <ul className="codes">
        {begun.recoveryCodes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <p>Then enter a code of the app. You sign in again with it.</p>
    </CodeForm>
  );
}

function Begin({ begin }: { begin: (password: string) => Promise<void> }) {
  const [fault, setFault] = useState("");

  async function onSubmit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    setFault("");
    const password = String(new FormData(event.currentTarget).get("password"));
    await begin(password).catch(() =>
      setFault("The password is not right, or the server cannot be reached."),
    );
  }

  return (
    <form className="card" aria-labelledby="begin" onSubmit={onSubmit}>
      <h1 id="begin" className="title">
        Add an authenticator app
      </h1>
      <p className="hint">A second step at sign-in, so that a password alone opens nothing.</p>
      <div role="alert" className="alert">
        {fault}
      </div>
      <div className="field">
        <label htmlFor="password">Password</label>
        <input id="password" name="password" type="password" autoComplete="current-password" required />
      </div>
      <button type="submit" className="button">
        Begin
      </button>
    </form>
  );
}
