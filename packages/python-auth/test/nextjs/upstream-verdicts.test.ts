import { createAuthForwardHandler, createClientRefreshHandler } from "@bymax-one/python-auth/nextjs";
import { expect, test } from "vitest";
import { type Reply, refusal, serving } from "../serving.ts";
import { request } from "./handlers.ts";

const later = { "retry-after": "5" };

const VERDICTS: [what: string, reply: Reply, status: number, code: string, retryAfter: string | null][] = [
  [
    "429 that names an ended account",
    refusal(429, "auth.account_banned"),
    429,
    "auth.too_many_requests",
    null,
  ],
  ["429 of a gateway", { status: 429, json: {}, headers: later }, 429, "auth.too_many_requests", "5"],
  ["503 of a gateway", { status: 503, json: {}, headers: later }, 503, "auth.unavailable", "5"],
  ["503 with a code of its own", refusal(503, "app.asleep"), 503, "auth.unavailable", null],
  [
    "500 that says it is overloaded",
    { ...refusal(500, "auth.overloaded"), headers: later },
    503,
    "auth.unavailable",
    null,
  ],
  [
    "a pause that begins with a number",
    { status: 503, headers: { "retry-after": "12x" } },
    503,
    "auth.unavailable",
    null,
  ],
  [
    "a pause that ends with a number",
    { status: 503, headers: { "retry-after": "x12" } },
    503,
    "auth.unavailable",
    null,
  ],
  ["a pause of days", { status: 503, headers: { "retry-after": "123456" } }, 503, "auth.unavailable", null],
];

test.each(VERDICTS)("%s is no verdict about the session", async (_what, reply, status, code, retryAfter) => {
  const { url } = await serving(() => reply);
  const refresh = createClientRefreshHandler({ apiBase: url });
  const answer = await refresh(request("/api/auth/client-refresh", { method: "POST" }));
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ error: { code } });
  expect(answer.headers.get("retry-after")).toBe(retryAfter);
  expect(answer.headers.getSetCookie()).toEqual([]);
});

test("a header that the browser did not send is not sent to the server either", async () => {
  const { url, received } = await serving(() => ({ status: 204 }));
  const { GET } = createAuthForwardHandler({ apiBase: url });
  await GET(request("/api/auth/me"), { params: Promise.resolve({ path: ["me"] }) });
  expect(received).toHaveLength(1);
  for (const name of [
    "cookie",
    "origin",
    "authorization",
    "x-request-id",
    "x-tenant-id",
    "x-forwarded-for",
  ]) {
    expect(received[0]?.headers[name]).toBeUndefined();
  }
});
