import { AuthClientError } from "@bymax-one/python-auth/shared";

/** What every part says when the server does not answer. */
export const UNREACHABLE = "The server is not reachable. Is it still running?";

/** Returns a failure as a sentence for the visitor. */
export function explained(error: unknown): string {
  if (!(error instanceof AuthClientError)) {
    console.warn(error);
    return UNREACHABLE;
  }
  const seconds = retryAfter(error);
  return sentence(error.message) + (seconds > 0 ? ` Wait ${duration(seconds)}.` : "");
}

/** Returns for how many seconds a refusal asks to wait; 0 where it does not say it. */
export function retryAfter(error: AuthClientError): number {
  const details = error.body?.details;
  const seconds = Array.isArray(details) ? 0 : details?.retryAfterSeconds;
  return typeof seconds === "number" ? seconds : 0;
}

/** Returns the code of a refusal of the server; `undefined` for any other failure. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof AuthClientError ? error.code : undefined;
}

export function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}

export function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, milliseconds);
  });
}
