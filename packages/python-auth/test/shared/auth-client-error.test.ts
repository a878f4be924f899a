import * as client from "@bymax-one/python-auth/client";
import { AuthClientError, type AuthErrorResponse } from "@bymax-one/python-auth/shared";
import { describe, expect, test } from "vitest";

const BODY: AuthErrorResponse = {
  message: "m",
  error: "Bad Request",
  statusCode: 400,
  code: "auth.validation",
  details: [{ field: "password", message: "too short" }],
};

class OwnError extends AuthClientError {}

describe("an error of the client", () => {
  test("says what the server said", () => {
    const error = new AuthClientError("m", 400, BODY);
    expect(error).toMatchObject({
      name: "AuthClientError",
      message: "m",
      status: 400,
      code: "auth.validation",
    });
    expect(error.body).toBe(BODY);
    expect(new AuthClientError("m", 500)).toMatchObject({ code: undefined, body: undefined });
  });

  test("is logged without what was sent", () => {
    const error = new AuthClientError("m", 400, BODY);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: "AuthClientError",
      message: "m",
      status: 400,
      code: "auth.validation",
    });
  });

  test("is an instance of its class, also of an application's subclass", () => {
    const own = new OwnError("m", 500);
    expect([own instanceof OwnError, own instanceof AuthClientError, own instanceof Error]).toEqual([
      true,
      true,
      true,
    ]);
    expect(new AuthClientError("m", 500) instanceof OwnError).toBe(false);
    expect(client.AuthClientError).toBe(AuthClientError);
  });

  test("of another copy of the package is an instance too, and nothing else is", () => {
    const another = Object.defineProperty(new Error("m"), Symbol.for("bymax.auth.AuthClientError"), {
      value: true,
    });
    expect(another instanceof AuthClientError).toBe(true);
    for (const value of [null, undefined, "text", new Error("m"), {}]) {
      expect((value as unknown) instanceof AuthClientError).toBe(false);
    }
  });
});
