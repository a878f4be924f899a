import { expect, test } from "vitest";
import { sendBearerRefresh } from "../../src/client/send-refresh.ts";
import { tokensIn } from "../../src/client/tokens.ts";
import type { AuthTokens } from "../../src/client/types.ts";
import { refusal, serving } from "../serving.ts";

const TOKENS: AuthTokens = { accessToken: "a", refreshToken: "r" };

/** Refreshes while somebody signs out: the token is there when it is sent, and not any more afterwards. */
async function signedOutMeanwhile(reply: () => ReturnType<typeof refusal>) {
  const { url } = await serving(reply);
  const stored: (AuthTokens | null)[] = [TOKENS, null];
  const kept: (AuthTokens | null)[] = [];
  const store = {
    get: () => stored.shift() ?? null,
    set: (tokens: AuthTokens | null) => void kept.push(tokens),
  };
  const request = { endpoint: url, credentials: "omit", timeout: 60_000 } as const;
  return { finished: await sendBearerRefresh(request, store), kept };
}

test("a refresh that succeeds after a sign-out has nothing to tell, and keeps nothing", async () => {
  const { finished, kept } = await signedOutMeanwhile(() => ({ json: TOKENS }));
  expect(finished).toBeNull();
  expect(kept).toEqual([]);
});

test("a refresh that is rejected after a sign-out has nothing to tell: whoever signed out did not expire", async () => {
  const { finished, kept } = await signedOutMeanwhile(() => refusal(401, "auth.refresh_token_invalid"));
  expect(finished).toBeNull();
  expect(kept).toEqual([]);
});

test("a refresh that the server cannot judge is told, also after a sign-out", async () => {
  const { finished, kept } = await signedOutMeanwhile(() => refusal(503, "auth.overloaded"));
  expect(finished?.outcome).toEqual({ ok: false, reason: "unavailable", status: 503 });
  expect(kept).toEqual([]);
});

test.each([
  [{ accessToken: 5, refreshToken: "r" }, null],
  [{ accessToken: "a", refreshToken: 5 }, null],
  [{ accessToken: "", refreshToken: "r" }, null],
  [{ accessToken: "a", refreshToken: "" }, null],
  [null, null],
  [TOKENS, TOKENS],
])("tokens are two texts: %j", (body, expected) => {
  expect(tokensIn(body)).toEqual(expected);
});
