"use client";

import { useAuth } from "@bymax-one/python-auth/react";
import type { SubmitEvent } from "react";

/** A form, which works before the page's scripts do; with them the other tabs are told as well. */
export function SignOut({ name }: { name: string }) {
  const { logout } = useAuth();

  async function signOut(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    // The browser forgets the session by an answer alone; without one the form asks again, visibly.
    await logout().then(
      () => location.replace("/login"),
      () => form.submit(),
    );
  }

  return (
    <form method="post" action="/api/auth/logout" onSubmit={signOut}>
      <span className="who">{name}</span>
      <button type="submit" className="quiet">
        Sign out
      </button>
    </form>
  );
}
