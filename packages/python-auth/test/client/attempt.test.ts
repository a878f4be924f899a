import { createAuthFetch } from "@bymax-one/python-auth/client";
import { expect, test } from "vitest";
import { serving } from "../serving.ts";

test("a request that got no answer in time says how long it waited", async () => {
  const { url } = await serving(() => new Promise(() => undefined));
  const late = createAuthFetch({ timeout: 1 })(url);
  await expect(late).rejects.toMatchObject({ name: "TimeoutError", message: "no answer within 1 ms" });
});
