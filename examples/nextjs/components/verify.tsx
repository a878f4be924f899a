"use client";

import { AuthClientError } from "@bymax-one/python-auth/client";
import { AUTH_ROUTES } from "@bymax-one/python-auth/shared";
import { CodeForm } from "@/components/code-form";

/** Proves that an address is theirs who registered it, with the code that was mailed there. */
export function Verify({ email }: { email?: string }) {
  return (
    <CodeForm
      title="Verify your address"
      submit="Verify"
      asksEmail={email === undefined}
      send={async (otp, typed) => {
        const answer = await fetch(`/api${AUTH_ROUTES.VERIFY_EMAIL}`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ email: email ?? typed, otp }),
        });
        if (!answer.ok) throw new AuthClientError("The code was refused.", answer.status);
        location.assign("/login?verified=1");
      }}
    >
      {email === undefined ? (
        <p>Enter your address and the code that was mailed to it.</p>
      ) : (
        <p>
          Enter the code that was mailed to <strong>{email}</strong>. In this example the server prints its
          mail on the terminal.
        </p>
      )}
    </CodeForm>
  );
}
