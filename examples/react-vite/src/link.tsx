import type { MouseEvent, ReactNode } from "react";
import { goTo, useAddress } from "./navigation.ts";

interface LinkProps {
  to: string;
  children: ReactNode;
}

/** A link to another page of the application; with a modifier key the browser opens it in its own way. */
export function Link({ to, children }: LinkProps) {
  const { pathname } = useAddress();
  function follow(event: MouseEvent): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(to);
  }
  return (
    <a href={to} onClick={follow} aria-current={pathname === to ? "page" : undefined}>
      {children}
    </a>
  );
}
