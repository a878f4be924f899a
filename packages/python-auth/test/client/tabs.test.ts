import { createAuthFetch } from "@bymax-one/python-auth/client";
import { describe, expect, test, vi } from "vitest";
import { eventually, settled } from "../eventually.ts";
import { gate } from "../gate.ts";
import { EXPIRED, type Reply, serving } from "../serving.ts";
import { stopTheClock } from "../stopped-clock.ts";
import { expiring, heldRefresh, REFRESH } from "./expiring.ts";
import { haveAddress } from "./page-address.ts";

stopTheClock();
haveAddress();

describe("two tabs whose access token expired", () => {
  test("refresh once", async () => {
    const { asked, answered, refresh } = heldRefresh(204);
    const server = await expiring({ refresh });
    const config = { refreshEndpoint: server.url + REFRESH };
    const first = createAuthFetch(config)(`${server.url}/first`);
    await asked.opened;
    const second = createAuthFetch(config)(`${server.url}/second`);
    await eventually(() => expect(waiting()).resolves.toBe(1));
    answered.open();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    expect(server.count(REFRESH)).toBe(1);
  });

  test.each([
    ["the other tab's refresh failed", REFRESH],
    ["the other tab refreshed at another server", "/another/refresh"],
  ])("refresh one after the other when %s", async (_why, path) => {
    const asked = gate();
    const answered = gate();
    let isFresh = false;
    const server = await serving(async ({ path: at }): Promise<Reply> => {
      if (at === path && !asked.wasOpened()) {
        asked.open();
        await answered.opened;
        return { status: path === REFRESH ? 500 : 204 };
      }
      if (at === REFRESH) isFresh = true;
      return isFresh ? { json: {} } : EXPIRED;
    });
    const first = createAuthFetch({ refreshEndpoint: server.url + path })(`${server.url}/first`);
    await asked.opened;
    const second = createAuthFetch({ refreshEndpoint: server.url + REFRESH })(`${server.url}/second`);
    await eventually(() => expect(waiting()).resolves.toBe(1));
    answered.open();
    await first;
    expect((await settled(second)).status).toBe(200);
    expect(server.count(REFRESH)).toBe(path === REFRESH ? 2 : 1);
  });

  test("hear nothing that another program says on the same channel", async () => {
    const channel = new BroadcastChannel("bymax-auth");
    const asked = gate();
    const answered = gate();
    const server = await expiring({
      refresh: async () => {
        if (asked.wasOpened()) return { status: 204 };
        asked.open();
        await answered.opened;
        return { status: 500 };
      },
    });
    const config = { refreshEndpoint: server.url + REFRESH };
    const first = createAuthFetch(config)(`${server.url}/first`);
    await asked.opened;
    const second = createAuthFetch(config)(`${server.url}/second`);
    await eventually(() => expect(waiting()).resolves.toBe(1));
    const endpoint = config.refreshEndpoint;
    for (const message of [
      null,
      "x",
      { v: 2, type: "refreshed", endpoint },
      { v: 1, type: "login", endpoint },
    ]) {
      channel.postMessage(message);
    }
    answered.open();
    await settled(Promise.all([first, second]));
    channel.close();
    expect(server.count(REFRESH)).toBe(2);
  });
});

describe("a refresh waits for no other tab", () => {
  test.each<[string, { syncTabs?: boolean }, () => unknown]>([
    ["the client is told not to", { syncTabs: false }, () => undefined],
    ["the browser has no locks", {}, () => vi.stubGlobal("navigator", {})],
    ["the browser has no navigator", {}, () => vi.stubGlobal("navigator", undefined)],
    ["the browser has no channels", {}, () => vi.stubGlobal("BroadcastChannel", undefined)],
    // As in a frame without storage of its own.
    ["the browser forbids channels", {}, () => vi.stubGlobal("BroadcastChannel", Forbidden)],
    ["the browser forbids locks", {}, () => vi.stubGlobal("navigator", { locks: new Forbidden.Locks() })],
    ["there is no page", {}, () => Reflect.deleteProperty(globalThis, "location")],
  ])("where %s", async (_why, config, prepare) => {
    const server = await expiring();
    const held = gate();
    const holder: Promise<void> = navigator.locks.request("bymax-auth:refresh", () => held.opened);
    prepare();
    const fetched = createAuthFetch({ ...config, refreshEndpoint: server.url + REFRESH });
    expect((await fetched(`${server.url}/data`)).status).toBe(200);
    held.open();
    await holder;
  });
});

class Forbidden {
  static Locks = class {
    request(): Promise<never> {
      return Promise.reject(new DOMException("forbidden", "SecurityError"));
    }
  };

  constructor() {
    throw new DOMException("forbidden", "SecurityError");
  }
}

async function waiting(): Promise<number> {
  const { pending = [] } = await navigator.locks.query();
  return pending.length;
}
