import { listTest, meanings, pageTest, patternTest } from "./patterns.ts";
import type { ProtectedRoutePattern, ResolvedAuthProxyConfig } from "./proxy-config.ts";
import { CLIENT_REFRESH_ROUTE, LOGOUT_ROUTE } from "./routes.ts";

/** What a path is. */
type Route =
  | { readonly access: "handler" }
  | { readonly access: "public"; readonly paths: readonly string[]; readonly redirectsSignedIn: boolean }
  | {
      readonly access: "protected";
      readonly paths: readonly string[];
      readonly pattern: ProtectedRoutePattern | undefined;
    };

export type Classifier = (pathname: string) => Route;

const HANDLERS_BELOW = "/api/auth/";

/** Returns what tells the application's handlers, public pages and protected ones apart. */
export function classifier(config: ResolvedAuthProxyConfig): Classifier {
  const handlers = [config.silentRefreshPath, CLIENT_REFRESH_ROUTE, LOGOUT_ROUTE].map(pageTest);
  const isHandler = (path: string) => path.startsWith(HANDLERS_BELOW) || handlers.some((is) => is(path));
  const patterns = config.protectedRoutes.map((pattern) => ({
    pattern,
    matches: patternTest(pattern.pattern),
  }));
  const isPublic = listTest(config.publicRoutes);
  const redirectsSignedIn = listTest(config.publicRoutesRedirectIfAuthenticated);
  const isLogin = pageTest(config.loginPath);
  return (pathname) => {
    const paths = meanings(pathname);
    if (paths.every(isHandler)) return { access: "handler" };
    const matched = patterns.find(({ matches }) => paths.some(matches));
    if (matched) return { access: "protected", paths, pattern: matched.pattern };
    const open = config.defaultAccess === "public" || paths.every((path) => isPublic(path) || isLogin(path));
    return open
      ? { access: "public", paths, redirectsSignedIn: paths.every(redirectsSignedIn) }
      : { access: "protected", paths, pattern: undefined };
  };
}
