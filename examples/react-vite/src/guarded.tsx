import { useSession } from "@bymax-one/python-auth/react";
import { Fragment, type ReactNode, useEffect } from "react";
import { goTo, useAddress } from "./navigation.ts";
import { Page } from "./page.tsx";

/** Shows a page to somebody who is signed in, and sends everybody else to sign in. */
export function Guarded({ children }: { children: ReactNode }) {
  const { status, user } = useSession();
  const { pathname } = useAddress();
  const isRefused = status === "unauthenticated";
  useEffect(() => {
    if (isRefused) goTo(`/sign-in?next=${encodeURIComponent(pathname)}`, { replace: true });
  }, [isRefused, pathname]);
  if (status !== "authenticated") return <Page title="One moment">{null}</Page>;
  // Another person begins with an empty page: another tab may have signed somebody else in.
  return <Fragment key={user.id}>{children}</Fragment>;
}
