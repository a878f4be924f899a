"use client";

import { useSession } from "@bymax-one/python-auth/react";
import { type ReactNode, useEffect, useRef } from "react";

/**
 * Shows what the server rendered for whoever is signed in, as long as they are.
 *
 * It is taken away when another tab signs out, and while the page waits in the back/forward cache.
 */
export function Private({ children }: { children: ReactNode }) {
  const { status } = useSession();
  const wasKnown = useRef(false);
  useEffect(() => {
    if (status === "authenticated") wasKnown.current = true;
    if (status === "unauthenticated" && wasKnown.current) location.replace("/login");
  }, [status]);
  const isHidden = status !== "authenticated" && wasKnown.current;
  return isHidden ? <p role="status">One moment…</p> : children;
}
