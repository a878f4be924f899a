import { type AuthClient, createAuthClient, createAuthFetch } from "@bymax-one/python-auth/client";
import { AuthClientError, type AuthErrorResponse } from "@bymax-one/python-auth/shared";

/** Sends the page's own requests, with a refresh where the access token has ended. */
const authFetch = createAuthFetch({ refreshEndpoint: "/auth/refresh" });
const requests = createAuthClient({ baseUrl: "", authFetch });

/** The client of the page's provider. */
export const client: AuthClient = {
  ...requests,
  // The cookie says whether there may be a session; without it the answer is known.
  getMe: async () => {
    if (document.cookie.includes("has_session=")) return requests.getMe();
    throw new AuthClientError("Nobody is signed in", 401);
  },
};

/** Sends a request that belongs to the session. */
export async function call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  return answerOf(await authFetch(path, asJson(method, body)));
}

/** Sends one request as it is, which no refresh repeats. */
export async function send<Answer>(
  method: string,
  path: string,
  body?: object,
  init: RequestInit = {},
): Promise<Answer> {
  const { headers, ...rest } = init;
  const json = { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers };
  return answerOf(await fetch(path, { ...asJson(method, body), ...rest, headers: json }));
}

/** Sends a request with a bearer token, as a client does that has no cookies. */
export function sendAs<Answer>(
  accessToken: string,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  const headers = { Authorization: `Bearer ${accessToken}` };
  return send(method, path, body, { credentials: "omit", headers });
}

/** Returns the refusal of a request, or `null` where it was let in. */
export async function refusalOf(work: () => Promise<unknown>): Promise<AuthClientError | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof AuthClientError) return error;
    throw error;
  }
}

/** Returns a refusal of the page itself, which the server has not said. */
export function refusal(status: number, message: string): AuthClientError {
  return new AuthClientError(message, status);
}

function asJson(method: string, body: object | undefined): RequestInit {
  return body === undefined ? { method } : { method, body: JSON.stringify(body) };
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  const text = await response.text();
  if (response.ok) return (text === "" ? null : JSON.parse(text)) as Answer;
  const { status } = response;
  let body: AuthErrorResponse | undefined;
  try {
    body = { ...JSON.parse(text).error, error: response.statusText, statusCode: status };
  } catch {
    // A proxy has answered in its own words.
  }
  throw new AuthClientError(body?.message ?? `The server answered ${status}`, status, body);
}
