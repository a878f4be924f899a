import { createAuthProxy } from "@bymax-one/python-auth/nextjs";
import { auth } from "@/lib/auth";

const authProxy = createAuthProxy({
  ...auth,
  publicRoutes: ["/", "/register", "/verify", "/reset-password"],
  publicRoutesRedirectIfAuthenticated: ["/login", "/register"],
  protectedRoutes: [
    { pattern: "/dashboard/:path*" },
    { pattern: "/sessions/:path*" },
    { pattern: "/security/:path*" },
    { pattern: "/admin/:path*", allowedRoles: ["ADMIN"] },
  ],
  // A page that is added and not listed needs a session.
  defaultAccess: "protected",
  getDefaultDashboard: () => "/dashboard",
});

// Next looks for this name without running the file, and does not find a destructured one.
export const proxy = authProxy.proxy;

export const config = { matcher: ["/((?!_next/static|_next/image|favicon.ico|icon.svg).*)"] };
