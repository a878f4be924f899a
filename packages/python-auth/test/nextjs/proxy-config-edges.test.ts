import { createAuthProxy } from "@bymax-one/python-auth/nextjs";
import { afterEach, expect, test, vi } from "vitest";
import { SECRET } from "../edge/tokens.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test.each([0, 10])("%i refreshes may follow each other", (maxRefreshAttempts) => {
  const { config } = createAuthProxy({ jwtSecret: SECRET, maxRefreshAttempts });
  expect(config.maxRefreshAttempts).toBe(maxRefreshAttempts);
});

test("no other secret verifies tokens unless it is given", () => {
  expect(createAuthProxy({ jwtSecret: SECRET }).config.previousJwtSecrets).toEqual([]);
});

test("a proxy that signs nobody in says why, and which one it is", () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  createAuthProxy({ accessTokenSecret: undefined });
  expect(warned).toHaveBeenCalledExactlyOnceWith(
    "createAuthProxy: accessTokenSecret is missing, so nobody is signed in",
  );
});
