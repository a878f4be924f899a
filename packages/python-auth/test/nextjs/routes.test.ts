import { buildSilentRefreshUrl } from "@bymax-one/python-auth/nextjs";
import { expect, test } from "vitest";

test("a request whose address is no page's says what is wrong with it", () => {
  expect(() => buildSilentRefreshUrl({ url: "ftp://app.test/x" })).toThrow(/not of http or https/);
});
