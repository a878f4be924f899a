import { expect, test, vi } from "vitest";
import { errorCode } from "../../src/client/error-code.ts";
import { stopTheClock } from "../stopped-clock.ts";

stopTheClock();

test("reading a refusal leaves no timer behind, which would keep a process alive", async () => {
  const refused = new Response('{"error":{"code":"auth.token_invalid"}}');
  expect(await errorCode(refused)).toBe("auth.token_invalid");
  expect(await errorCode(new Response("<html>"))).toBeNull();
  expect(vi.getTimerCount()).toBe(0);
});
