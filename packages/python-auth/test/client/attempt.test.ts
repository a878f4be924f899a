import { createAuthFetch } from "@bymax-one/python-auth/client";
import { expect, test, vi } from "vitest";
import { unlessAborted } from "../../src/client/attempt.ts";
import { eventually } from "../eventually.ts";
import { serving } from "../serving.ts";

test("a request that got no answer in time says how long it waited", async () => {
  const { url } = await serving(() => new Promise(() => undefined));
  const late = createAuthFetch({ timeout: 1 })(url);
  await expect(late).rejects.toMatchObject({ name: "TimeoutError", message: "no answer within 1 ms" });
});

test("who waited for something shared leaves no listener at the caller's signal", async () => {
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  expect(await unlessAborted(async () => "done", signal)).toBe("done");
  expect(added).toHaveBeenCalledOnce();
  await eventually(() => expect(removed.mock.calls).toEqual(added.mock.calls));
});
