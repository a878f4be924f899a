"use client";

import { useSession } from "@bymax-one/python-auth/react";
import { type ReactNode, useEffect, useState } from "react";

/**
 * Shows what the server rendered for whoever is signed in, as long as they are.
 *
 * It is taken away when another tab signs out, and while the page waits in the back/forward cache.
 */
export function Private({ children }: { children: ReactNode }) {
  const { status } = useSession();
  const [wasKnown, setWasKnown] = useState(false);
  useEffect(() => {
    if (status === "authenticated") setWasKnown(true);
    if (status === "unauthenticated" && wasKnown) location.replace("/login");
  }, [status, wasKnown]);
  return wasKnown && status !== "authenticated" ? <p role="status">One moment…</p> : children;
}
