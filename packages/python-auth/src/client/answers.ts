import { AuthClientError, type AuthErrorResponse } from "@bymax-one/python-auth/shared";
import { asRecord, isObject } from "./error-code.ts";

/**
 * Returns an answer of the server that said yes.
 *
 * @throws AuthClientError for a refusal
 */
export async function accepted(response: Response): Promise<Response> {
  if (response.ok) return response;
  const body = refusalIn(await response.text(), response);
  const message = body?.message ?? `Request failed with status ${response.status}`;
  throw new AuthClientError(message, response.status, body);
}

/**
 * Returns the JSON object of an answer.
 *
 * @throws AuthClientError for a refusal, or an answer that is no JSON object
 */
export async function objectIn(response: Response, url: string): Promise<Record<string, unknown>> {
  const text = await (await accepted(response)).text();
  const value = parsed(text);
  if (isObject(value)) return value;
  throw new AuthClientError(`No JSON object at ${url}`, response.status);
}

function refusalIn(text: string, response: Response): AuthErrorResponse | undefined {
  const body = asRecord(parsed(text));
  const { code, message, details } = asRecord(body.error);
  if (typeof code === "string" && typeof message === "string") {
    return {
      message,
      error: response.statusText || "Error",
      statusCode: response.status,
      code,
      details: typeof details === "object" ? (details as AuthErrorResponse["details"] & object) : null,
    };
  }
  return isFlat(body) ? body : undefined;
}

/** Returns whether a body is a refusal without an envelope, as gateways and other servers send it. */
function isFlat(body: object): body is AuthErrorResponse {
  const { message, error, statusCode } = asRecord(body);
  return typeof message === "string" && typeof error === "string" && typeof statusCode === "number";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
