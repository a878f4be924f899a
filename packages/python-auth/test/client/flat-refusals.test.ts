import { expect, test } from "vitest";
import { accepted } from "../../src/client/answers.ts";

test.each([
  [{ message: "no", error: "Bad Request", statusCode: 400 }, "no"],
  [{ message: 5, error: "Bad Request", statusCode: 400 }, "Request failed with status 400"],
  [{ message: "no", error: 5, statusCode: 400 }, "Request failed with status 400"],
  [{ message: "no", error: "Bad Request", statusCode: "400" }, "Request failed with status 400"],
  [{ message: 5, error: 5, statusCode: 400 }, "Request failed with status 400"],
])("a refusal without an envelope is one only with all three members: %j", async (body, message) => {
  const answer = new Response(JSON.stringify(body), { status: 400 });
  await expect(accepted(answer)).rejects.toMatchObject({ status: 400, message });
});
