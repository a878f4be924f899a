import { createAuthClient, createAuthFetch } from "@bymax-one/python-auth/client";

/** Fetches what belongs to the person who is signed in; an expired session is refreshed on the way. */
export const authFetch = createAuthFetch({
  refreshEndpoint: "/auth/refresh",
  // Without this cookie of the server nobody is signed in, and no refresh is sent.
  sessionSignalName: "has_session",
});

/** The client of the hooks and forms, which shares the refreshes of `authFetch`. */
export const client = createAuthClient({ baseUrl: "", authFetch });
