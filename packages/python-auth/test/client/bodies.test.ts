import { createAuthFetch } from "@bymax-one/python-auth/client";
import { expect, test } from "vitest";
import { expiring, REFRESH } from "./expiring.ts";

test.each<[string, (url: string) => [RequestInfo | URL, RequestInit?]]>([
  ["a body of null", (url) => [url, { method: "POST", body: null }]],
  ["a Request without a body", (url) => [new Request(url)]],
  ["a Request of another method without a body", (url) => [new Request(url, { method: "POST" })]],
])("%s is sent again after a refresh, and as JSON", async (_what, given) => {
  const server = await expiring();
  const fetched = createAuthFetch({ refreshEndpoint: server.url + REFRESH });
  expect((await fetched(...given(`${server.url}/data`))).status).toBe(200);
  expect(server.count("/data")).toBe(2);
  expect(server.received[0]?.headers["content-type"]).toBe("application/json");
});
