import { expect, test } from "vitest";
import { finishedOf } from "../../src/client/refresh-outcome.ts";

const ENDED = '{"error":{"code":"auth.account_banned"}}';

test.each([429, 500, 503])("the code of an ended account says nothing under status %i", async (status) => {
  const { outcome } = await finishedOf(new Response(ENDED, { status }));
  expect(outcome).toEqual({ ok: false, reason: "unavailable", status });
});

test("an answer that nobody reads is given back to its connection", async () => {
  const given: unknown[] = [];
  const body = new ReadableStream({ cancel: (reason) => void given.push(reason) });
  expect(await finishedOf(new Response(body))).toEqual({ outcome: { ok: true } });
  expect(given).toHaveLength(1);
});
