import { gzipSync } from "node:zlib";
import { createAuthForwardHandler } from "@bymax-one/python-auth/nextjs";
import { expect, test } from "vitest";
import { serving } from "../serving.ts";
import { request } from "./handlers.ts";

function forward(apiBase: string): Promise<Response> {
  const { GET } = createAuthForwardHandler({ apiBase });
  return GET(request("/api/auth/me"), { params: Promise.resolve({ path: ["me"] }) });
}

test("an answer that was compressed for the way here is not called compressed any more", async () => {
  const { url } = await serving((_request, response) => {
    const body = gzipSync('{"id":"u_1"}');
    const headers = { "content-type": "application/json", "content-encoding": "gzip", "x-own": "kept" };
    response.writeHead(200, { ...headers, "content-length": body.length }).end(body);
    return undefined;
  });
  const answer = await forward(url);
  expect(await answer.json()).toEqual({ id: "u_1" });
  expect([...answer.headers.keys()]).toEqual(expect.arrayContaining(["content-type", "x-own"]));
  expect(answer.headers.get("content-encoding")).toBeNull();
  expect(answer.headers.get("content-length")).toBeNull();
});

test("a server that cannot be reached is told to the person", async () => {
  const answer = await forward("http://127.0.0.1:9");
  expect(answer.status).toBe(503);
  expect((await answer.json()).error.message).toMatch(/temporarily unavailable/);
});
