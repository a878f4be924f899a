/** What the proxy and `getSession` verify tokens with: the same secret as the server in Python. */
export const auth = {
  jwtSecret: process.env.JWT_SECRET,
  loginPath: "/login",
  blockedUserStatuses: ["BANNED", "INACTIVE", "SUSPENDED"],
};

/** Where the server in Python is; browsers never ask it directly. */
export const api = { apiBase: process.env.API_BASE_URL };
