/** Where an application of Next.js mounts the handlers that stand between the browser and the server. */
export const AUTH_PROXY_ROUTES = {
  clientRefresh: "/api/auth/client-refresh",
  silentRefresh: "/api/auth/silent-refresh",
  logout: "/api/auth/logout",
} as const;
