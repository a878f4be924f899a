import { createAuthFetch } from "@bymax-one/python-auth/client";
import { afterEach, expect, test, vi } from "vitest";
import { refusal } from "../serving.ts";
import { expiring, REFRESH } from "./expiring.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("while the server asks for a pause, a request is neither refreshed nor repeated", async () => {
  const pause = { ...refusal(503, "auth.unavailable"), headers: { "retry-after": "60" } };
  const server = await expiring({ refresh: () => pause });
  const fetched = createAuthFetch({ refreshEndpoint: server.url + REFRESH });
  expect((await fetched(`${server.url}/first`)).status).toBe(401);
  expect((await fetched(`${server.url}/second`)).status).toBe(401);
  expect([server.count("/first"), server.count("/second"), server.count(REFRESH)]).toEqual([1, 1, 1]);
});

test("without callbacks a session that ended is no warning", async () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  const server = await expiring({ refresh: () => refusal(401, "auth.refresh_token_invalid") });
  const answer = await createAuthFetch({ refreshEndpoint: server.url + REFRESH })(`${server.url}/data`);
  expect(answer.status).toBe(401);
  expect(warned).not.toHaveBeenCalled();
});
