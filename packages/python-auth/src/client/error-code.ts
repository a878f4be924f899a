import { within } from "./within.ts";

const MAX_MILLISECONDS = 2000;

/** Returns the code of a refusal, whose body stays readable; none where it could not be read in time. */
export async function errorCode(response: Response): Promise<string | null | undefined> {
  return within(MAX_MILLISECONDS, response.clone().json().then(codeIn));
}

function codeIn(body: unknown): string | undefined {
  const { error, code } = asRecord(body);
  const inside = asRecord(error).code;
  if (typeof inside === "string") return inside;
  return typeof code === "string" ? code : undefined;
}

/** Returns whether a value of JSON has members. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return Object(value) === value;
}

/** Returns an object's members; for anything else none that an answer of the server has. */
export function asRecord(value: unknown): Record<string, unknown> {
  return Object(value);
}
