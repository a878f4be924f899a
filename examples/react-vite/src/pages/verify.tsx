import { AuthClientError } from "@bymax-one/python-auth/client";
import { type SubmitEvent, useState } from "react";
import { authFetch } from "../client.ts";
import { Link } from "../link.tsx";
import { goTo, useAddress } from "../navigation.ts";
import { Page } from "../page.tsx";

async function send(path: string, body: object): Promise<void> {
  const response = await authFetch(`/auth/${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new AuthClientError("refused", response.status);
}

/** Proves an address with the code that was mailed to it. */
export function Verify() {
  const { searchParams } = useAddress();
  const [said, setSaid] = useState({ error: "", notice: "" });

  async function run(action: Promise<void>, notice: string): Promise<boolean> {
    setSaid({ error: "", notice: "" });
    try {
      await action;
      setSaid({ error: "", notice });
      return true;
    } catch (error) {
      const isRefused = error instanceof AuthClientError && error.status < 500;
      setSaid({ error: isRefused ? "This code is not right, or no longer valid." : "Try again.", notice: "" });
      return false;
    }
  }

  async function verify(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.currentTarget));
    if (await run(send("verify-email", values), "")) goTo("/sign-in?because=verified");
  }

  return (
    <Page title="Verify your address">
      <form className="card" aria-label="Verify" onSubmit={verify}>
        <p className="hint">A mail with a code of six digits is on its way to you.</p>
        <p className="error" role="alert">
          {said.error}
        </p>
        <p className="notice" role="status">
          {said.notice}
        </p>
        <div className="field">
          <label htmlFor="email">Email</label>
          <input
            id="email"
            name="email"
            type="email"
            required
            autoComplete="username"
            defaultValue={searchParams.get("email") ?? ""}
          />
        </div>
        <div className="field">
          <label htmlFor="otp">Code</label>
          <input id="otp" name="otp" required inputMode="numeric" autoComplete="one-time-code" />
        </div>
        <button type="submit" className="main">
          Verify
        </button>
        <p className="links">
          <Link to="/sign-in">Back to sign in</Link>
        </p>
      </form>
    </Page>
  );
}
