import { createAuthFetch } from "@bymax-one/python-auth/client";
import { expect, test, vi } from "vitest";
import { oneTabAtATime } from "../../src/client/tab-lock.ts";
import { eventually, settled } from "../eventually.ts";
import { gate } from "../gate.ts";
import { stopTheClock } from "../stopped-clock.ts";
import { expiring, REFRESH } from "./expiring.ts";
import { haveAddress } from "./page-address.ts";

stopTheClock();
haveAddress();

test("a tab with another release of this package is waited for, by the name of the lock", async () => {
  const server = await expiring();
  const held = gate();
  const other: Promise<void> = navigator.locks.request("bymax-auth:refresh", () => held.opened);
  const fetched = createAuthFetch({ refreshEndpoint: server.url + REFRESH })(`${server.url}/data`);
  await eventually(async () => expect((await navigator.locks.query()).pending).toHaveLength(1));
  expect(server.count(REFRESH)).toBe(0);
  held.open();
  await other;
  expect((await settled(fetched)).status).toBe(200);
  expect(server.count(REFRESH)).toBe(1);
});

test("a refresh leaves no channel and no timer behind, also after it waited for another tab", async () => {
  let open = 0;
  class CountedChannel extends BroadcastChannel {
    constructor(name: string) {
      super(name);
      open += 1;
    }
    override close(): void {
      open -= 1;
      super.close();
    }
  }
  vi.stubGlobal("BroadcastChannel", CountedChannel);
  const asked = gate();
  const answered = gate();
  const send = async () => {
    asked.open();
    await answered.opened;
    return { outcome: { ok: true }, pause: 0 } as const;
  };
  const first = oneTabAtATime("/refresh", send, false);
  await asked.opened;
  const second = oneTabAtATime("/refresh", send, false);
  await eventually(async () => expect((await navigator.locks.query()).pending).toHaveLength(1));
  expect(open).toBe(2);
  answered.open();
  await settled(Promise.all([first, second]));
  expect(open).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("a tab that finds nothing to refresh says so", async () => {
  const send = vi.fn(async () => null);
  expect(await oneTabAtATime("/refresh", send, false)).toBeNull();
  expect(send).toHaveBeenCalledOnce();
});
