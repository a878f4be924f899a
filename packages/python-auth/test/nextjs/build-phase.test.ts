import { createGetSession } from "@bymax-one/python-auth/nextjs";
import { afterEach, expect, test, vi } from "vitest";
import { SECRET } from "../edge/tokens.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each(["jwtSecret", "accessTokenSecret"])(
  "a build that has the secret as %s already fails for what is wrong beside it",
  (name) => {
    vi.stubEnv("NEXT_PHASE", "phase-production-build");
    const config = { [name]: SECRET, cookieNames: { access: "no name" } };
    expect(() => createGetSession(config)).toThrow("cannot be the name of a cookie");
  },
);
