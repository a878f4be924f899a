const MAX_MILLISECONDS = 2000;

/** Returns the code of a refusal, whose body stays readable; `undefined` where none could be read in time. */
export async function errorCode(response: Response): Promise<string | undefined> {
  const copy = response.clone();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), MAX_MILLISECONDS);
  });
  try {
    return await Promise.race([copy.json().then(codeIn), late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function codeIn(body: unknown): string | undefined {
  const { error, code } = asRecord(body);
  const inside = asRecord(error).code;
  if (typeof inside === "string") return inside;
  return typeof code === "string" ? code : undefined;
}

/** Returns an object's members; none for anything else. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
