import { AuthClientError } from "@bymax-one/python-auth/client";
import { useMfa } from "@bymax-one/python-auth/react";
import type { MfaSetupResult } from "@bymax-one/python-auth/shared";
import { type ReactNode, type SubmitEvent, useEffect, useRef, useState } from "react";
import { renderSVG } from "uqr";
import { goTo } from "../navigation.ts";

/** Adds an authenticator app to the account, or removes it; either ends every session. */
export function SecondFactor({ isOn }: { isOn: boolean }) {
  const { setup, enable, disable } = useMfa();
  const [begun, setBegun] = useState<MfaSetupResult>();

  async function change(action: Promise<void>): Promise<void> {
    await action;
    goTo("/sign-in?because=factor", { replace: true });
  }

  if (isOn)
    return (
      <Step title="Second factor is on" field="code" button="Remove it" send={(code) => change(disable(code))}>
        <p className="hint">Removing it takes a code of your app, and ends every session.</p>
      </Step>
    );
  if (begun === undefined)
    return (
      <Step
        title="Second factor"
        field="password"
        button="Add an app"
        send={async (password) => setBegun(await setup(password))}
      >
        <p className="hint">An app on your phone, and your password, protect your notes together.</p>
      </Step>
    );
  return (
    <Step
      title="Add your app"
      field="code"
      button="Turn it on"
      takesFocus
      send={(code) => change(enable(code))}
    >
      <Enrolment begun={begun} />
    </Step>
  );
}

function Enrolment({ begun }: { begun: MfaSetupResult }) {
  const drawn = `data:image/svg+xml,${encodeURIComponent(renderSVG(begun.qrCodeUri))}`;
  return (
    <>
      <p>
        Scan this with your authenticator app, or <a href={begun.qrCodeUri}>open it on this device</a>.
      </p>
      <img className="code" src={drawn} alt="QR code of the key below" width="180" height="180" />
      <p>
        The key, to type it: <code id="key">{begun.secret}</code>
      </p>
      <p>Keep these recovery codes where you keep your passwords. Each replaces your phone once.</p>
      <ul className="codes" aria-label="Recovery codes">
        {begun.recoveryCodes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
    </>
  );
}

const FIELDS = {
  code: { label: "Code of your app", inputMode: "numeric", autoComplete: "one-time-code" },
  password: { label: "Your password", type: "password", autoComplete: "current-password" },
} as const;

interface StepProps {
  title: string;
  field: keyof typeof FIELDS;
  button: string;
  takesFocus?: boolean;
  send: (value: string) => Promise<void>;
  children: ReactNode;
}

/** One thing to type, and what the server says about it. */
function Step({ title, field, button, takesFocus = false, send, children }: StepProps) {
  const [error, setError] = useState("");
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus]);

  async function submit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    setError("");
    try {
      await send(String(new FormData(event.currentTarget).get("value")));
    } catch (failure) {
      const isRefused = failure instanceof AuthClientError && failure.status < 500;
      setError(isRefused ? "This is not right. Try again." : "The server cannot be reached. Try again later.");
    }
  }

  const { label, ...attributes } = FIELDS[field];
  return (
    <form className="card" aria-label={title} onSubmit={submit} key={title}>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {children}
      <p className="error" role="alert">
        {error}
      </p>
      <div className="field">
        <label htmlFor="value">{label}</label>
        <input id="value" name="value" required key={field} {...attributes} />
      </div>
      <button type="submit" className="main">
        {button}
      </button>
    </form>
  );
}
