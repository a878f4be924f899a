import { createGetSession, type Session } from "@bymax-one/python-auth/nextjs";
import { workAsyncStorage } from "next/dist/server/app-render/work-async-storage.external.js";
import { workUnitAsyncStorage } from "next/dist/server/app-render/work-unit-async-storage.external.js";
import { RequestCookies } from "next/dist/server/web/spec-extension/cookies.js";
import { afterEach, describe, expect, test, vi } from "vitest";
import { SECRET } from "../edge/tokens.ts";
import { accessToken, EXPIRED_TIMES } from "./visits.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Calls a function as `next build` calls a server component, to learn whether its page can be made once for all. */
function inPrerender<T>(call: () => Promise<T>): Promise<T> {
  const unit = { type: "prerender-legacy", phase: "render", revalidate: 0, tags: null };
  const work = { route: "/dashboard", forceStatic: false, dynamicShouldError: false };
  return workAsyncStorage.run(work as never, () => workUnitAsyncStorage.run(unit as never, call));
}

/** Calls a function as Next calls a server component that answers a request with these cookies. */
function inComponent<T>(cookie: string, call: () => Promise<T>): Promise<T> {
  const cookies = new RequestCookies(new Headers({ cookie }));
  const unit = { type: "request", phase: "render", cookies, asyncApiPromises: undefined };
  const work = { route: "/", forceStatic: false, dynamicShouldError: false };
  return workAsyncStorage.run(work as never, () => workUnitAsyncStorage.run(unit as never, call));
}

describe("who is signed in, asked by a server component", () => {
  const getSession = createGetSession({ jwtSecret: SECRET, blockedUserStatuses: ["banned"] });

  test("is the user of the access token", async () => {
    const session = await inComponent(`access_token=${accessToken()}`, getSession);
    const expected: Omit<Session, "token" | "expiresAt"> = { userId: "u_1", role: "member", tenantId: "t_1" };
    expect(session).toMatchObject(expected);
    expect(session?.expiresAt).toBeGreaterThan(Date.now() / 1000);
    expect(session?.token.payload.status).toBe("ACTIVE");
  });

  test.each([
    ["without a cookie", "has_session=1"],
    ["with an expired token", `access_token=${accessToken(EXPIRED_TIMES)}; has_session=1`],
    ["with a token of another secret", `access_token=${accessToken({}, "another-secret-0123456789-abcdef")}`],
    ["with a banned user's token", `access_token=${accessToken({ status: "BANNED" })}`],
    ["with no token", "access_token=x"],
  ])("is nobody %s", async (_what, cookie) => {
    expect(await inComponent(cookie, getSession)).toBeNull();
  });
});

describe("a function that asks", () => {
  test("is not made with a wrong configuration", () => {
    expect(() => createGetSession({})).toThrow("createGetSession: jwtSecret is missing or empty");
    expect(() => createGetSession({ jwtSecret: SECRET, cookieNames: { access: "" } })).toThrow(
      /createGetSession/,
    );
  });

  test("is made during a build without a secret, and fails when it is called", async () => {
    vi.stubEnv("NEXT_PHASE", "phase-production-build");
    const getSession = createGetSession({ jwtSecret: undefined });
    await expect(inComponent("", getSession)).rejects.toThrow("createGetSession: jwtSecret is missing");
  });

  test("leaves a page of a build without a secret to its first request", async () => {
    vi.stubEnv("NEXT_PHASE", "phase-production-build");
    const getSession = createGetSession({ jwtSecret: undefined });
    await expect(inPrerender(getSession)).rejects.toThrow("Dynamic server usage");
  });
});
