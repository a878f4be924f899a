// @vitest-environment jsdom
import { createAuthClient } from "@bymax-one/python-auth/client";
import {
  type UseEmailVerificationResult,
  type UseInvitationsResult,
  type UseMfaResult,
  type UseOAuthResult,
  type UseSessionsResult,
  useEmailVerification,
  useInvitations,
  useMfa,
  useOAuth,
  useSessions,
} from "@bymax-one/python-auth/react";
import type { ActiveSessionInfo, IdentityInfo } from "@bymax-one/python-auth/shared";
import { act } from "@testing-library/react";
import { createElement, type ReactNode } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { ADA, GRACE, refuse, reply } from "./auth-server.ts";
import { settled, until, usePage } from "./page.ts";

const page = usePage();
let verification: UseEmailVerificationResult;
let mfa: UseMfaResult;
let invitations: UseInvitationsResult;
let oauth: UseOAuthResult;
let sessions: UseSessionsResult;

function Features(): ReactNode {
  verification = useEmailVerification();
  mfa = useMfa();
  invitations = useInvitations();
  oauth = useOAuth();
  sessions = useSessions();
  return createElement(page().Shown);
}

const HERE: ActiveSessionInfo = {
  id: "s1",
  sessionHash: "a".repeat(64),
  device: "Firefox",
  ip: "192.0.2.1",
  isCurrent: true,
  createdAt: 1,
  lastActivityAt: 2,
};
const THERE = { ...HERE, id: "s2", sessionHash: "b".repeat(64), isCurrent: false };
const IDENTITY: IdentityInfo = { id: "i1", provider: "google", providerId: "g1", linkedAt: null };

beforeEach(() => {
  page().server.user = ADA;
  page().server.on("GET sessions", reply(200, [HERE, THERE]));
  page().server.on("GET oauth/identities", reply(200, [IDENTITY]));
});

async function opened(props = {}): Promise<void> {
  await page().opened({ ...props, children: createElement(Features) });
  await settled(page());
}

test("the sessions and identities of the signed-in user are read", async () => {
  await opened();
  await until(() => sessions.sessions !== null && oauth.identities !== null);
  expect(sessions).toMatchObject({ sessions: [HERE, THERE], isLoading: false, error: null });
  expect(oauth).toMatchObject({ identities: [IDENTITY], isLoading: false, error: null });
});

test("nobody has no sessions, and none is asked for", async () => {
  page().server.user = null;
  await opened();
  expect(sessions).toMatchObject({ sessions: null, isLoading: false, error: null });
  expect(page().server.count("GET sessions")).toBe(0);
});

test("a sign-out forgets them, also while they are on their way", async () => {
  await opened();
  await until(() => sessions.sessions !== null);
  const release = page().server.hold("GET sessions");
  const reloaded = sessions.reload();
  await until(() => sessions.isLoading);
  expect(sessions.sessions).toEqual([HERE, THERE]);
  await act(() => page().seen.auth.logout());
  expect(sessions.sessions).toBe(null);
  release();
  await act(() => reloaded);
  expect(sessions).toMatchObject({ sessions: null, isLoading: false });
});

test("a refused question keeps the list, and says why", async () => {
  await opened();
  await until(() => sessions.sessions !== null);
  page().server.on("GET sessions", refuse(503, "auth.overloaded"));
  await act(() => sessions.reload());
  expect(sessions).toMatchObject({ sessions: [HERE, THERE], error: { code: "auth.overloaded" } });
  page().server.on("GET sessions", reply(200, []));
  await act(() => sessions.reload());
  expect(sessions).toMatchObject({ sessions: [], error: null });
});

test("another session is ended, and the list read again", async () => {
  const onSessionExpired = vi.fn();
  await opened({ onSessionExpired });
  page().server.on(`DELETE sessions/${THERE.sessionHash}`, reply(204));
  page().server.on("GET sessions", reply(200, [HERE]));
  await act(() => sessions.revoke(THERE));
  expect(sessions.sessions).toEqual([HERE]);
  expect(page().session.status).toBe("authenticated");
});

test("the page's own session is ended, and nobody is told that it expired", async () => {
  const onSessionExpired = vi.fn();
  await opened({ onSessionExpired });
  page().server.on(`DELETE sessions/${HERE.sessionHash}`, reply(204));
  await act(() => sessions.revoke(HERE));
  expect(page().session).toMatchObject({ status: "unauthenticated", user: null });
  expect(onSessionExpired).not.toHaveBeenCalled();
});

test("a session that is gone is a refusal", async () => {
  await opened();
  page().server.on(`DELETE sessions/${THERE.sessionHash}`, refuse(404, "auth.session_not_found"));
  await expect(sessions.revoke(THERE)).rejects.toMatchObject({ code: "auth.session_not_found" });
});

test("every other session is ended, and the list read again", async () => {
  await opened();
  page().server.on("POST sessions/revoke-all", reply(204));
  page().server.on("GET sessions", reply(200, [HERE]));
  await act(() => sessions.revokeOthers());
  expect(page().server.bodyOf("POST sessions/revoke-all")).toEqual({});
  expect(sessions.sessions).toEqual([HERE]);
});

test("where tokens travel in bodies, the session to keep is named there", async () => {
  const tokens = { accessToken: "a", refreshToken: "r" };
  const client = createAuthClient({
    baseUrl: `${page().server.origin}/api`,
    tokenStore: { get: () => tokens, set: () => {} },
  });
  await opened({ client });
  for (const route of ["sessions/revoke-all", "oauth/identities/i1/unlink"]) {
    page().server.on(`POST ${route}`, reply(204));
  }
  page().server.on("POST oauth/google/link", reply(200, { authorizeUrl: "https://provider.test/" }));
  await act(() => sessions.revokeOthers());
  await act(() => oauth.unlink(IDENTITY));
  await act(() => oauth.link("google"));
  for (const route of ["sessions/revoke-all", "oauth/identities/i1/unlink", "oauth/google/link"]) {
    expect(page().server.bodyOf(`POST ${route}`)).toEqual({ refreshToken: "r" });
  }
});

test("a second factor is proved with the token of the sign-in, and signs in", async () => {
  page().server.user = null;
  await opened();
  page().server.on("POST mfa/challenge", reply(200, { user: GRACE }));
  await act(() => mfa.challenge("123456", "temporary"));
  expect(page().server.bodyOf("POST mfa/challenge")).toEqual({ code: "123456", mfaTempToken: "temporary" });
  expect(page().session).toMatchObject({ status: "authenticated", user: GRACE });
});

test("a second factor is proved with the cookie of a provider's sign-in", async () => {
  page().server.user = null;
  await opened();
  page().server.on("POST mfa/challenge", reply(200, { user: GRACE }));
  await act(() => mfa.challenge("123456"));
  expect(page().server.bodyOf("POST mfa/challenge")).toEqual({ code: "123456" });
  expect(page().session.user).toEqual(GRACE);
});

test("a wrong code is a refusal, and changes nothing", async () => {
  await opened();
  page().server.on("POST mfa/challenge", refuse(401, "auth.mfa_invalid_code"));
  await expect(mfa.challenge("000000", "temporary")).rejects.toMatchObject({ code: "auth.mfa_invalid_code" });
  expect(page().session.user).toEqual(ADA);
});

test.each([
  ["enable", "mfa/verify-enable"],
  ["disable", "mfa/disable"],
] as const)("to %s the second factor ends the session", async (name, route) => {
  const onSessionExpired = vi.fn();
  await opened({ onSessionExpired });
  page().server.on(`POST ${route}`, reply(204));
  await act(() => mfa[name]("123456"));
  expect(page().server.bodyOf(`POST ${route}`)).toEqual({ code: "123456" });
  expect(page().session.status).toBe("unauthenticated");
  expect(onSessionExpired).not.toHaveBeenCalled();
});

test("an enrolment begins, and recovery codes are replaced", async () => {
  await opened();
  const begun = { secret: "ABC", qrCodeUri: "otpauth://totp/x", recoveryCodes: ["1-2"] };
  page().server.on("POST mfa/setup", reply(201, begun));
  page().server.on("POST mfa/recovery-codes", reply(200, { recoveryCodes: ["3-4"] }));
  await expect(mfa.setup("secret")).resolves.toEqual(begun);
  expect(page().server.bodyOf("POST mfa/setup")).toEqual({ password: "secret" });
  await mfa.setup();
  expect(page().server.bodyOf("POST mfa/setup")).toEqual({});
  await expect(mfa.regenerateRecoveryCodes("123456")).resolves.toEqual(["3-4"]);
});

test("an address is invited, and its invitation withdrawn", async () => {
  await opened();
  page().server.on("POST invitations", reply(204));
  page().server.on("POST invitations/revoke", reply(204));
  await invitations.invite({ email: "g@example.com", role: "member" });
  expect(page().server.bodyOf("POST invitations")).toEqual({ email: "g@example.com", role: "member" });
  await invitations.revoke("g@example.com");
  expect(page().server.bodyOf("POST invitations/revoke")).toEqual({ email: "g@example.com" });
});

test("an accepted invitation signs in, unless the account must wait", async () => {
  page().server.user = null;
  await opened();
  const given = { token: "t", name: "Grace", password: "a long password" };
  page().server.on("POST invitations/accept", reply(201, { user: { ...GRACE, status: "PENDING_APPROVAL" } }));
  await act(() => invitations.accept(given));
  expect(page().session.status).toBe("unauthenticated");
  page().server.on("POST invitations/accept", reply(201, { user: GRACE }));
  await act(() => invitations.accept(given));
  expect(page().server.bodyOf("POST invitations/accept")).toEqual(given);
  expect(page().session.user).toEqual(GRACE);
});

test("a sign-in with a provider begins at an address of the server", async () => {
  await opened();
  const base = `${page().server.origin}/api/auth/oauth`;
  expect(oauth.signInUrl("google")).toBe(`${base}/google`);
  expect(oauth.signInUrl("../me", { tenantId: "a&b" })).toBe(`${base}/..%2Fme?tenantId=a%26b`);
});

test("the provider's tenant is the default one unless another is named", async () => {
  await opened({ defaultTenantId: "acme" });
  expect(oauth.signInUrl("google")).toMatch(/\/google\?tenantId=acme$/);
  expect(oauth.signInUrl("google", { tenantId: "other" })).toMatch(/\?tenantId=other$/);
});

test("an identity is linked and unlinked", async () => {
  await opened();
  page().server.on("POST oauth/google/link", reply(200, { authorizeUrl: "https://provider.test/" }));
  page().server.on("POST oauth/identities/i1/unlink", reply(204));
  await expect(oauth.link("google", "secret")).resolves.toBe("https://provider.test/");
  page().server.on("GET oauth/identities", reply(200, []));
  await act(() => oauth.unlink(IDENTITY, "secret"));
  expect(page().server.bodyOf("POST oauth/identities/i1/unlink")).toEqual({ password: "secret" });
  expect(oauth.identities).toEqual([]);
});

test("rendering again keeps every function", async () => {
  const { rerender } = await page().opened({ children: createElement(Features) });
  const before = [mfa, invitations, oauth.link, oauth.reload, sessions.revoke, sessions.reload];
  rerender(page().element({ children: createElement(Features) }));
  const after = [mfa, invitations, oauth.link, oauth.reload, sessions.revoke, sessions.reload];
  expect(after.every((value, index) => value === before[index])).toBe(true);
});

test("a client that was written by hand has no other routes, and says so", async () => {
  const { login, register, logout, refresh, getMe, mfaChallenge, forgotPassword, resetPassword } =
    page().client;
  const client = { login, register, logout, refresh, getMe, mfaChallenge, forgotPassword, resetPassword };
  await opened({ client });
  await expect(mfa.setup()).rejects.toThrow("Needs createAuthClient.");
  expect(sessions.error?.message).toBe("Needs createAuthClient.");
});

test("an address is verified, of whoever is signed in and of somebody who cannot sign in yet", async () => {
  page().server.user = null;
  await opened({ defaultTenantId: "acme" });
  page().server.on("POST verify-email", reply(204));
  await act(() => verification.verify("ada@example.com", "123456"));
  expect(page().server.bodyOf("POST verify-email")).toEqual({
    email: "ada@example.com",
    otp: "123456",
    tenantId: "acme",
  });
  expect(page().session.status).toBe("unauthenticated");
  page().server.user = { ...ADA, emailVerified: false };
  await act(() => page().session.refresh());
  page().server.user = ADA;
  const before = page().asked();
  await act(() => verification.verify("ada@example.com", "123456", "other"));
  expect(page().server.bodyOf("POST verify-email")).toMatchObject({ tenantId: "other" });
  expect(page().session.user).toEqual(ADA);
  expect(page().asked()).toBe(before + 1);
});

test("another code is sent for", async () => {
  await opened();
  page().server.on("POST resend-verification", reply(204));
  await act(() => verification.resend("ada@example.com"));
  expect(page().server.bodyOf("POST resend-verification")).toEqual({ email: "ada@example.com" });
});
