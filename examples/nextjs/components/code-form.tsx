"use client";

import { AuthClientError } from "@bymax-one/python-auth/client";
import { type ReactNode, type SubmitEvent, useId, useState } from "react";

interface CodeFormProps {
  title: string;
  children: ReactNode;
  submit: string;
  /** Asks for the address as well. */
  asksEmail?: boolean;
  send: (code: string, email: string) => Promise<void>;
}

/** Asks for a code of a mail or of an authenticator app. */
export function CodeForm({ title, children, submit, asksEmail = false, send }: CodeFormProps) {
  const id = useId();
  const [fault, setFault] = useState("");
  const [isSending, setSending] = useState(false);

  async function onSubmit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (isSending) return;
    const data = new FormData(event.currentTarget);
    setFault("");
    setSending(true);
    try {
      await send(String(data.get("code")).trim(), String(data.get("email") ?? "").trim());
    } catch (error) {
      setFault(faultOf(error));
    } finally {
      setSending(false);
    }
  }

  return (
    <form className="card" aria-labelledby={`${id}title`} aria-busy={isSending} onSubmit={onSubmit}>
      <h1 id={`${id}title`} className="title">
        {title}
      </h1>
      <div className="hint">{children}</div>
      <div role="alert" className="alert">
        {fault}
      </div>
      {asksEmail && (
        <div className="field">
          <label htmlFor={`${id}email`}>Email</label>
          <input id={`${id}email`} name="email" type="email" autoComplete="username" required />
        </div>
      )}
      <div className="field">
        <label htmlFor={`${id}code`}>Code</label>
        <input id={`${id}code`} name="code" inputMode="numeric" autoComplete="one-time-code" required />
      </div>
      <button type="submit" className="button" aria-disabled={isSending}>
        {submit}
      </button>
    </form>
  );
}

function faultOf(error: unknown): string {
  if (!(error instanceof AuthClientError)) return "The server cannot be reached. Try again.";
  return error.status < 500 ? "This code is not right, or no longer valid." : "That did not work. Try again.";
}
