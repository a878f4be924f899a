import { createAuthFetch, type RefreshFailure } from "@bymax-one/python-auth/client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { eventually } from "../eventually.ts";
import { gate } from "../gate.ts";
import { EXPIRED, type Reply, refusal, serving } from "../serving.ts";
import { stopTheClock } from "../stopped-clock.ts";
import { expiring, REFRESH } from "./expiring.ts";

stopTheClock();

afterEach(() => {
  vi.restoreAllMocks();
});

describe("an answer to a refresh", () => {
  test.each<[string, Reply, RefreshFailure["reason"]]>([
    ["401", { status: 401 }, "rejected"],
    ["403 of an inactive account", refusal(403, "auth.account_inactive"), "rejected"],
    ["403 of a suspended account", refusal(403, "auth.account_suspended"), "rejected"],
    ["403 of a banned account", refusal(403, "auth.account_banned"), "rejected"],
    ["403 of an unapproved account", refusal(403, "auth.pending_approval"), "rejected"],
    ["403 of another site", refusal(403, "auth.untrusted_origin"), "unavailable"],
    ["403 without a code", { status: 403, text: "no" }, "unavailable"],
    ["404", { status: 404 }, "unavailable"],
    ["405", { status: 405 }, "unavailable"],
    ["429", refusal(429, "auth.too_many_requests"), "unavailable"],
    ["500", { status: 500 }, "unavailable"],
    ["503", refusal(503, "auth.overloaded", { retryAfterSeconds: 1 }), "unavailable"],
  ])("of %s", async (_what, refresh, reason) => {
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    const server = await expiring({ refresh: () => refresh });
    const told: unknown[] = [];
    const fetched = createAuthFetch({
      refreshEndpoint: server.url + REFRESH,
      onRefreshFailed: (failure) => told.push(failure),
      onSessionExpired: () => told.push("expired"),
    });
    const answer = await fetched(`${server.url}/data`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: "auth.token_invalid" } });
    const failure = { ok: false, reason, status: refresh.status };
    expect(told).toEqual(reason === "rejected" ? [failure, "expired"] : [failure]);
    expect(server.count("/data")).toBe(1);
    // Only a route that is not there is the developer's to repair.
    const advice = `[python-auth] No refresh at ${server.url + REFRESH}: set refreshEndpoint.`;
    expect(warned.mock.calls).toEqual([404, 405].includes(refresh.status ?? 200) ? [[advice]] : []);
  });

  test("that never comes is unreachable, whether the network or the time ends it", async () => {
    const failed = vi.fn();
    const silent = await serving(({ path }) => (path === REFRESH ? undefined : EXPIRED));
    const config = { onRefreshFailed: failed, onSessionExpired: vi.fn() };
    await createAuthFetch({ ...config, refreshEndpoint: "http://127.0.0.1:9/closed" })(`${silent.url}/data`);
    const late = createAuthFetch({ ...config, refreshEndpoint: silent.url + REFRESH })(`${silent.url}/data`);
    await eventually(() => expect(silent.count(REFRESH)).toBe(1));
    await vi.advanceTimersByTimeAsync(30_000);
    await late;
    expect(failed.mock.calls).toEqual(Array(2).fill([{ ok: false, reason: "unreachable", status: null }]));
    expect(config.onSessionExpired).not.toHaveBeenCalled();
  });

  test("is told once, however many requests waited for it", async () => {
    const answered = gate();
    const server = await expiring({
      refresh: async () => {
        await answered.opened;
        return { status: 401 };
      },
    });
    const failed = vi.fn();
    const expired = vi.fn();
    const fetched = createAuthFetch({
      refreshEndpoint: server.url + REFRESH,
      onRefreshFailed: failed,
      onSessionExpired: expired,
    });
    const waiting = Promise.all(["a", "b", "c"].map((name) => fetched(`${server.url}/${name}`)));
    await eventually(() => expect(server.received).toHaveLength(4));
    answered.open();
    const answers = await waiting;
    for (const answer of answers) expect(await answer.json()).toHaveProperty("error");
    expect([failed.mock.calls.length, expired.mock.calls.length]).toEqual([1, 1]);
  });

  test("is returned also where the application's own functions fail", async () => {
    const server = await expiring({ refresh: () => ({ status: 401 }) });
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    const boom = new Error("boom");
    const fetched = createAuthFetch({
      refreshEndpoint: server.url + REFRESH,
      onRefreshFailed: () => {
        throw boom;
      },
      onSessionExpired: async () => {
        throw boom;
      },
    });
    expect((await fetched(`${server.url}/data`)).status).toBe(401);
    await eventually(() => expect(warned).toHaveBeenCalledTimes(2));
    expect(warned.mock.calls).toEqual([
      ["[python-auth] onRefreshFailed callback threw:", boom],
      ["[python-auth] onSessionExpired callback threw:", boom],
    ]);
  });
});

describe("a pause that the server asks for", () => {
  const after = (status: number, seconds: string): Reply => ({ status, headers: { "retry-after": seconds } });

  test.each([
    [429, "2", 2000],
    [503, "7", 7000],
    [503, "900", 60_000],
  ])("is kept without a word: %i for %s seconds", async (status, seconds, milliseconds) => {
    const server = await expiring({ refresh: () => after(status, seconds) });
    const failed = vi.fn();
    const fetched = createAuthFetch({ refreshEndpoint: server.url + REFRESH, onRefreshFailed: failed });
    const clock = vi.spyOn(performance, "now").mockReturnValue(0);
    await fetched(`${server.url}/one`);
    clock.mockReturnValue(milliseconds - 1);
    expect((await fetched(`${server.url}/two`)).status).toBe(401);
    expect([server.count(REFRESH), failed.mock.calls.length]).toEqual([1, 1]);
    clock.mockReturnValue(milliseconds);
    await fetched(`${server.url}/three`);
    expect([server.count(REFRESH), failed.mock.calls.length]).toEqual([2, 2]);
  });

  test.each([
    [503, "Wed, 21 Oct 2026 07:28:00 GMT"],
    [503, "-1"],
    [503, "1.5"],
    [500, "30"],
  ])("is none: %i with %s", async (status, value) => {
    const server = await expiring({ refresh: () => after(status, value) });
    const fetched = createAuthFetch({ refreshEndpoint: server.url + REFRESH });
    await fetched(`${server.url}/one`);
    await fetched(`${server.url}/two`);
    expect(server.count(REFRESH)).toBe(2);
  });
});
