// Requests to the server, with one refresh for all tabs of the browser.

export class Refused extends Error {
  constructor(status, { code, message, details }) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details || {};
  }
}

// With a bearer token, the request carries no cookie.
export async function send(method, path, body, bearer) {
  const answer = await fetch(path, {
    method,
    credentials: bearer ? "omit" : "same-origin",
    headers: {
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(bearer ? { Authorization: "Bearer " + bearer } : {}),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.ok) return text ? JSON.parse(text) : null;
  throw new Refused(answer.status, failure(answer.status, text));
}

// As `send`; an access token that is not valid any more is refreshed first.
export async function call(method, path, body) {
  try {
    return await send(method, path, body);
  } catch (error) {
    if (error.code !== "auth.token_invalid") throw error;
  }
  await navigator.locks.request("refresh", async () => {
    // Another tab may have refreshed while this one waited.
    if (await send("GET", "/auth/me").catch(() => null)) return;
    await send("POST", "/auth/refresh");
  });
  return send(method, path, body);
}

function failure(status, text) {
  try {
    return JSON.parse(text).error;
  } catch {
    return { code: "http." + status, message: "The server answered " + status };
  }
}

export function explained(error) {
  if (!(error instanceof Refused)) {
    console.error(error);
    return "The server is not reachable. Is it still running?";
  }
  const seconds = error.details.retryAfterSeconds;
  return sentence(error.message) + (seconds ? ` Wait ${duration(seconds)}.` : "");
}

export function duration(seconds) {
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}

export function sentence(text) {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : capital + ".";
}

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
