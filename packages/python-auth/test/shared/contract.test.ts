import { readFileSync } from "node:fs";
import * as shared from "@bymax-one/python-auth/shared";
import {
  AUTH_ERROR_CODES,
  AUTH_ERROR_STATUS,
  AUTH_PROXY_ROUTES,
  AUTH_ROUTES,
  type AuthErrorCode,
} from "@bymax-one/python-auth/shared";
import { describe, expect, expectTypeOf, test } from "vitest";
import * as fixtures from "../../src/shared/wire-fixtures.generated.ts";

const CONFORMANCE = new URL("../../../../conformance/", import.meta.url);
const conformance = (name: string) => JSON.parse(readFileSync(new URL(name, CONFORMANCE), "utf8"));

describe("the error codes", () => {
  const { errors } = conformance("errors.json") as { errors: { code: string; status: number }[] };

  test("are those of the contract, in its order", () => {
    expect(Object.values(AUTH_ERROR_CODES)).toEqual(errors.map(({ code }) => code));
    expect(Object.entries(AUTH_ERROR_STATUS)).toEqual(errors.map(({ code, status }) => [code, status]));
  });

  test("have the names that their texts say", () => {
    for (const [name, code] of Object.entries(AUTH_ERROR_CODES)) {
      expect(code).toBe(`auth.${name.toLowerCase()}`);
    }
  });

  test("are one union, which is the values of the map", () => {
    type Named = (typeof AUTH_ERROR_CODES)[keyof typeof AUTH_ERROR_CODES];
    expectTypeOf<Named>().toEqualTypeOf<AuthErrorCode>();
  });
});

describe("the routes", () => {
  type Row = { group: string; path: string; key: string; member: string };
  const { routes } = conformance("routes.json") as { routes: Row[] };
  const GROUPS: Record<string, object> = {
    auth: AUTH_ROUTES.dashboard,
    mfa: AUTH_ROUTES.mfa,
    password_reset: AUTH_ROUTES.password,
    platform: AUTH_ROUTES.platform,
    platform_mfa: AUTH_ROUTES.platformMfa,
    sessions: AUTH_ROUTES.sessions,
    email_change: AUTH_ROUTES.emailChange,
    invitations: AUTH_ROUTES.invitations,
    oauth: AUTH_ROUTES.oauth,
  };

  test("have a key for each path of the contract, and no other", () => {
    const keys = Object.entries(AUTH_ROUTES).filter(([, path]) => typeof path === "string");
    expect(Object.fromEntries(keys)).toEqual(
      Object.fromEntries(routes.filter(({ key }) => key).map(({ key, path }) => [key, `/auth${path}`])),
    );
  });

  test("have a member in the map of their group, and no other", () => {
    for (const [name, map] of Object.entries(GROUPS)) {
      const rows = routes.filter(({ group, member }) => group === name && member);
      const paths = rows.map(({ member, path }) => [member, path.slice(1).replace(/\{(\w+)\}/g, ":$1")]);
      expect(map).toEqual(Object.fromEntries(paths));
    }
    expect(new Set(routes.map(({ group }) => group))).toEqual(new Set(Object.keys(GROUPS)));
  });

  test("of an application of Next.js have their fixed places", () => {
    expect(AUTH_PROXY_ROUTES).toEqual({
      clientRefresh: "/api/auth/client-refresh",
      silentRefresh: "/api/auth/silent-refresh",
      logout: "/api/auth/logout",
    });
  });
});

test("the cookies have the names and places that the server gives them", () => {
  expect({
    access: shared.AUTH_ACCESS_COOKIE_NAME,
    refresh: shared.AUTH_REFRESH_COOKIE_NAME,
    signal: [shared.AUTH_HAS_SESSION_COOKIE_NAME, shared.AUTH_HAS_SESSION_COOKIE_VALUE],
    path: shared.AUTH_REFRESH_COOKIE_PATH,
    challenge: [shared.MFA_TEMP_COOKIE_NAME, shared.MFA_TEMP_COOKIE_MAX_AGE_SECONDS],
  }).toEqual({
    access: "access_token",
    refresh: "refresh_token",
    signal: ["has_session", "1"],
    path: "/auth",
    challenge: ["mfa_temp_token", 300],
  });
});

test("what the server writes has the types that it is declared with", () => {
  // The compiler compares the fixtures with the types; this compares the other way: what a client may read.
  const { authUserClient: user, mfaChallengeResult: challenge } = fixtures;
  expectTypeOf(user.tenantId).toEqualTypeOf<string>();
  expectTypeOf(user.emailVerified).toEqualTypeOf<boolean>();
  expectTypeOf(user.lastLoginAt).toEqualTypeOf<string | null>();
  expectTypeOf(user.oauthProvider).toEqualTypeOf<string | null | undefined>();
  expectTypeOf(challenge.mfaRequired).toEqualTypeOf<true>();
  expectTypeOf(fixtures.dashboardJwtPayload.type).toEqualTypeOf<"dashboard">();
  expectTypeOf(fixtures.mfaTempPayload.tenantId).toEqualTypeOf<string | undefined>();
  expectTypeOf(fixtures.authResult.refreshToken).toEqualTypeOf<string | undefined>();
  expect(user.createdAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});
