import type {
  AuthContextValue,
  AuthProviderProps,
  AuthStatus,
  SessionStatus,
  UseAuthResult,
  UseAuthStatusResult,
  UseSessionResult,
} from "@bymax-one/python-auth/react";
import type { AuthUserClient } from "@bymax-one/python-auth/shared";
import { expectTypeOf, test } from "vitest";

// The compiler checks these; they are functions so that no hook runs.

export function greeting(session: () => UseSessionResult): string {
  const { user, status } = session();
  if (status === "loading") return "...";
  if (status === "unauthenticated") {
    expectTypeOf(user).toEqualTypeOf<null>();
    return "sign in";
  }
  expectTypeOf(user).toEqualTypeOf<AuthUserClient>();
  return user.name;
}

export function greetingOfObject(session: UseSessionResult): string {
  if (session.status === "authenticated") return session.user.name;
  // @ts-expect-error nobody is known to be signed in
  return session.user.name;
}

export function greetingOnceLoaded({ isLoading, user }: UseSessionResult): string | undefined {
  if (isLoading) return undefined;
  expectTypeOf(user).toEqualTypeOf<AuthUserClient | null>();
  return user?.name;
}

test("the results have the documented types", () => {
  expectTypeOf<UseSessionResult["status"]>().toEqualTypeOf<AuthStatus>();
  expectTypeOf<SessionStatus>().toEqualTypeOf<"authenticated" | "unauthenticated" | "loading">();
  expectTypeOf<keyof UseSessionResult>().toEqualTypeOf<
    "user" | "status" | "isLoading" | "refresh" | "lastValidation"
  >();
  expectTypeOf<UseSessionResult>().toExtend<
    Pick<AuthContextValue, "user" | "status" | "isLoading" | "refresh" | "lastValidation">
  >();
  expectTypeOf<keyof UseAuthResult>().toEqualTypeOf<
    "login" | "register" | "logout" | "forgotPassword" | "resetPassword"
  >();
  expectTypeOf<UseAuthStatusResult>().toEqualTypeOf<{ isAuthenticated: boolean; isLoading: boolean }>();
  expectTypeOf<AuthProviderProps["defaultTenantId"]>().toEqualTypeOf<string | null | undefined>();
  expectTypeOf<ReturnType<AuthContextValue["refresh"]>>().toEqualTypeOf<Promise<void>>();
});
