import { useSession } from "@bymax-one/python-auth/react";
import type { AuthUserClient } from "@bymax-one/python-auth/shared";
import { useLayoutEffect, useRef } from "react";

let known: AuthUserClient | null = null;
let isAsked = false;

/** Returns who is signed in, or `null`. */
export function useUser(): AuthUserClient | null {
  const session = useSession();
  return session.status === "authenticated" ? session.user : null;
}

/** Returns who is signed in now: for what goes on after an answer, where a hook would say who was. */
export function currentUser(): AuthUserClient | null {
  return known;
}

/** Keeps `currentUser` current; the first of the page's parts, so that the others find it so. */
export function KeepCurrent(): null {
  const user = useUser();
  useLayoutEffect(() => {
    known = user;
  }, [user]);
  return null;
}

/** Tells of another account, or of nobody, before the browser paints. */
export function useChange(told: (now: AuthUserClient | null, before: AuthUserClient | null) => void): void {
  const user = useUser();
  const before = useRef<AuthUserClient | null>(null);
  useLayoutEffect(() => {
    const last = before.current;
    before.current = user;
    if (last?.id !== user?.id) told(user, last);
  });
}

/** Runs what this tab was asked to do, so that the end of a login in it is no news. */
export async function asAsked<Result>(work: () => Promise<Result>): Promise<Result> {
  isAsked = true;
  try {
    return await work();
  } finally {
    isAsked = false;
  }
}

/** Returns whether this tab was asked for what is happening. */
export function wasAsked(): boolean {
  return isAsked;
}
