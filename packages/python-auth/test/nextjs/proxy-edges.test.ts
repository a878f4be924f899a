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
