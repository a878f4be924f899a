import { readFileSync } from "node:fs";
import * as client from "@bymax-one/python-auth/client";
import * as components from "@bymax-one/python-auth/components";
import * as edge from "@bymax-one/python-auth/edge";
import * as nextjs from "@bymax-one/python-auth/nextjs";
import * as react from "@bymax-one/python-auth/react";
import * as shared from "@bymax-one/python-auth/shared";
import { expect, expectTypeOf, test } from "vitest";

// A name that disappears breaks the build of an application; one that is added here is a promise.
test("./shared exports its values", () => {
  expect(Object.keys(shared).sort()).toEqual([
    "AUTH_ACCESS_COOKIE_NAME",
    "AUTH_DASHBOARD_ROUTES",
    "AUTH_EMAIL_CHANGE_ROUTES",
    "AUTH_ERROR_CODES",
    "AUTH_ERROR_STATUS",
    "AUTH_HAS_SESSION_COOKIE_NAME",
    "AUTH_HAS_SESSION_COOKIE_VALUE",
    "AUTH_INVITATION_ROUTES",
    "AUTH_MFA_ROUTES",
    "AUTH_OAUTH_ROUTES",
    "AUTH_PASSWORD_ROUTES",
    "AUTH_PLATFORM_MFA_ROUTES",
    "AUTH_PLATFORM_ROUTES",
    "AUTH_PROXY_ROUTES",
    "AUTH_REFRESH_COOKIE_NAME",
    "AUTH_REFRESH_COOKIE_PATH",
    "AUTH_REFRESH_SKIP_PATH_SUFFIXES",
    "AUTH_ROUTES",
    "AUTH_ROUTE_PREFIX",
    "AUTH_SESSION_ROUTES",
    "AuthClientError",
    "MFA_TEMP_COOKIE_MAX_AGE_SECONDS",
    "MFA_TEMP_COOKIE_NAME",
    "buildAuthRefreshSkipSuffixes",
  ]);
});

test("./client exports its values", () => {
  expect(Object.keys(client).sort()).toEqual(["AuthClientError", "createAuthClient", "createAuthFetch"]);
});

test("./edge exports its values", () => {
  expect(Object.keys(edge).sort()).toEqual([
    "decodeJwtToken",
    "getTenantId",
    "getUserId",
    "getUserRole",
    "isTokenExpired",
    "verifyJwtToken",
  ]);
});

test("./nextjs exports its values", () => {
  expect(Object.keys(nextjs).sort()).toEqual([
    "CLIENT_REFRESH_ROUTE",
    "LOGOUT_ROUTE",
    "SILENT_REFRESH_ROUTE",
    "buildSilentRefreshUrl",
    "createAuthForwardHandler",
    "createAuthProxy",
    "createClientRefreshHandler",
    "createGetSession",
    "createLogoutHandler",
    "createSilentRefreshHandler",
    "decodeJwtToken",
    "dedupeSetCookieHeaders",
    "getSetCookieHeaders",
    "getTenantId",
    "getUserId",
    "getUserRole",
    "isBackgroundRequest",
    "isTokenExpired",
    "parseSetCookieHeader",
    "resolveSafeDestination",
    "verifyJwtToken",
  ]);
});

test("the types of ./nextjs are those of ./edge, and refuse half a configuration", () => {
  expectTypeOf<nextjs.DecodedToken>().toEqualTypeOf<edge.DecodedToken>();
  // @ts-expect-error A logout that redirects is told where.
  const _where: nextjs.LogoutHandlerConfig = { apiBase: "https://api.test", mode: "redirect" };
});

test("a bundle for browsers has every value of the entries for servers, and runs none", () => {
  const guard = readFileSync(new URL("../src/guard.ts", import.meta.url), "utf8");
  for (const name of [...Object.keys(nextjs), ...Object.keys(edge)]) {
    expect(guard).toContain(`export const ${name}:`);
  }
});

test("the types of ./edge say what a token may hold", () => {
  expectTypeOf<edge.DecodedToken["payload"]["type"]>().toEqualTypeOf<
    edge.AuthJwtPayload["type"] | undefined
  >();
  expectTypeOf<edge.DecodedToken["payload"]["tenantId"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<edge.DecodedToken["payload"]["tenantDomain"]>().toBeUnknown();
});

test("./react exports its values", () => {
  expect(Object.keys(react).sort()).toEqual([
    "AuthProvider",
    "useAuth",
    "useAuthStatus",
    "useEmailVerification",
    "useInvitations",
    "useMfa",
    "useOAuth",
    "useSession",
    "useSessions",
  ]);
});

test("./components exports its values", () => {
  const names = ["MfaChallenge", "ResetPassword", "SessionList", "SignIn", "SignUp", "VerifyEmail"];
  expect(Object.keys(components).sort()).toEqual(names);
});

test("the types of ./shared have the documented members", () => {
  expectTypeOf<shared.AuthContextKind>().toEqualTypeOf<"dashboard" | "platform">();
  expectTypeOf<shared.TokenDeliveryMode>().toEqualTypeOf<"cookie" | "bearer">();
  expectTypeOf<shared.LoginResult>().toEqualTypeOf<shared.AuthResult | shared.MfaChallengeResult>();
});

test("the types of ./client refuse a reset without one proof", () => {
  expectTypeOf<client.RefreshFailureReason>().toEqualTypeOf<"rejected" | "unavailable" | "unreachable">();
  // @ts-expect-error A reset has exactly one proof.
  const _twice: client.ResetPasswordInput = { email: "a", newPassword: "n", token: "t", otp: "1" };
  // @ts-expect-error A reset has a proof.
  const _none: client.ResetPasswordInput = { email: "a", newPassword: "n" };
});
