import { describe, expect, test } from "vitest";
import { ask, done, forwarded } from "./visits.ts";

describe("a page that everybody may open", () => {
  test("gets the headers of the request without those that name a person", async () => {
    const answer = await ask("/about", { headers: { "x-user-id": "forged", "x-own": "kept" } });
    // Without a list of them, Next passes on every header as the browser sent it.
    const names = answer.headers.get("x-middleware-override-headers")?.split(",");
    expect(names).toContain("x-own");
    expect(names).not.toContain("x-user-id");
    expect(forwarded(answer, "x-own")).toBe("kept");
  });
});

describe("a protected page", () => {
  test("that never had a session does not say that one expired", async () => {
    const answer = await ask("/dashboard?reason=expired");
    expect(done(answer)).toBe("307 /login?redirectTo=%2Fdashboard");
  });

  test("whose address is no destination is not named to the login page", async () => {
    expect(done(await ask("//dashboard", {}, { defaultAccess: "protected" }))).toBe("307 /login");
  });
});

describe("where every page is protected", () => {
  const closed = { defaultAccess: "protected", silentRefreshPath: "/again" } as const;

  test.each([
    ["/api/auth/me", "next"],
    ["/api/auth/client-refresh", "next"],
    ["/again", "next"],
    ["/again/x", "307 /login?redirectTo=%2Fagain%2Fx"],
    ["/x/api/auth/", "307 /login?redirectTo=%2Fx%2Fapi%2Fauth%2F"],
    ["/other", "307 /login?redirectTo=%2Fother"],
  ])("the handlers alone are open: %s", async (path, expected) => {
    expect(done(await ask(path, {}, closed))).toBe(expected);
  });
});

test("only the login page itself sends away who is signed in, and no other way to write its path", async () => {
  expect(done(await ask("/login", { access: {} }))).toBe("307 /dashboard/member");
  expect(done(await ask("/lo%67in", { access: {} }))).toBe("next");
});
