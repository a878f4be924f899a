import { useAuthStatus } from "@bymax-one/python-auth/react";
import { type ReactNode, useEffect } from "react";
import { goTo, useAddress } from "./navigation.ts";
import { Page } from "./page.tsx";

/** Shows a page to somebody who is signed in, and sends everybody else to sign in. */
export function Guarded({ children }: { children: ReactNode }) {
  const { isAuthenticated, isLoading } = useAuthStatus();
  const { pathname } = useAddress();
  const isRefused = !isAuthenticated && !isLoading;
  useEffect(() => {
    if (isRefused) goTo(`/sign-in?next=${encodeURIComponent(pathname)}`, { replace: true });
  }, [isRefused, pathname]);
  return isAuthenticated ? children : <Page title="One moment">{null}</Page>;
}
