// The tests of an application: with Vitest, and without an alias or an option for the package.
import { expect, test } from "vitest";
import { judge } from "./judge.mjs";

test("every vector is judged alike", async () => {
  expect(typeof document).toBe(process.env.ENVIRONMENT === "jsdom" ? "object" : "undefined");
  const { wrong, judged } = await judge(process.env.VECTORS);
  expect(wrong).toEqual([]);
  expect(judged).toBe(Number(process.env.JUDGED));
});
