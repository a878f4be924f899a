import { createAuthFetch } from "@bymax-one/python-auth/client";
import { expect, test } from "vitest";
import { mergedHeaders } from "../../src/client/request-headers.ts";
import { serving } from "../serving.ts";

test("a header without a value, as code without types gives it, is not sent", async () => {
  const { url, received } = await serving(() => ({ json: {} }));
  const defaultHeaders = { "x-app": undefined, "x-kept": "1" } as unknown as Record<string, string>;
  await createAuthFetch({ defaultHeaders })(url);
  expect(received[0]?.headers["x-app"]).toBeUndefined();
  expect(received[0]?.headers["x-kept"]).toBe("1");
});

test("a header that is named like an object's prototype is left out", () => {
  const headers = JSON.parse('{"__proto__":"1","Prototype":"1","constructor":"1","x-prototype":"1"}');
  const merged = mergedHeaders(
    "https://api.test",
    { headers: { ...headers, "prototype-x": "1" } },
    undefined,
  );
  expect([...merged.keys()]).toEqual(["content-type", "prototype-x", "x-prototype"]);
});
