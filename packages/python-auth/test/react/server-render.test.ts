import { createAuthClient } from "@bymax-one/python-auth/client";
import {
  AuthProvider,
  type AuthProviderProps,
  useAuth,
  useAuthStatus,
  useSession,
} from "@bymax-one/python-auth/react";
import { createElement, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { expect, test, vi } from "vitest";
import { ADA } from "./auth-server.ts";

function Shown(): ReactNode {
  const { status, user } = useSession();
  return `${status} ${user?.name ?? "nobody"} ${useAuthStatus().isLoading}`;
}

function rendered(props: Partial<AuthProviderProps>): string {
  const asked = vi.spyOn(globalThis, "fetch");
  try {
    const children = createElement(Shown);
    const text = renderToString(
      createElement(AuthProvider, { client: createAuthClient(), children, ...props }),
    );
    expect(asked).not.toHaveBeenCalled();
    return text;
  } finally {
    asked.mockRestore();
  }
}

test("a server has no window, and asks nobody", () => {
  expect(globalThis.window).toBeUndefined();
  expect(rendered({})).toBe("loading nobody true");
});

test("a server shows whom it knows", () => {
  expect(rendered({ initialUser: ADA })).toBe("authenticated Ada false");
  expect(rendered({ initialUser: null })).toBe("unauthenticated nobody false");
});

test.each([
  ["useSession", useSession],
  ["useAuth", useAuth],
  ["useAuthStatus", useAuthStatus],
])("%s outside a provider says so", (name, hook) => {
  const Outside = (): ReactNode => {
    hook();
    return null;
  };
  expect(() => renderToString(createElement(Outside))).toThrow(`${name} needs an <AuthProvider>.`);
});
