/** What the server calls its cookies: over TLS the secure profile gives the names prefixes that browsers enforce. */
const cookieNames =
  process.env.COOKIE_PREFIXES === "1"
    ? { access: "__Host-access_token", refresh: "__Secure-refresh_token", hasSession: "__Host-has_session" }
    : {};

/** What the proxy and `getSession` verify tokens with: the same secret as the server in Python. */
export const auth = {
  cookieNames,
  jwtSecret: process.env.JWT_SECRET,
  loginPath: "/login",
  blockedUserStatuses: ["BANNED", "INACTIVE", "SUSPENDED"],
};

/** Where the server in Python is; browsers never ask it directly. */
export const api = { cookieNames, apiBase: process.env.API_BASE_URL };
