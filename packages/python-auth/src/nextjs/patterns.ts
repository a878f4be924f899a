import { hasBackslashOrControl } from "./safe-path.ts";

const PLACEHOLDER = "http://placeholder.invalid";
const SPECIAL = /[:*+?(){}[\]#\s]/;
const DOTS = /^(?:\.|%2e){1,2}$/i;
const PARAMETER = /^:[A-Za-z_]\w*$/;
const GLOB = /^(?:\*|:[A-Za-z_]\w*\*)$/;

// The addresses of a page's data; the proxy sees them when `skipProxyUrlNormalize` is set.
const DATA = /^\/_next\/data\/[^/]+(\/.*)\.json$/;
const RSC = ".rsc";
const SEGMENTS = ".segments/";
const SEGMENT_RSC = ".segment.rsc";

/** A path in the one form that is compared: resolved, encoded alike, without repeated slashes. */
function normalized(path: string): string {
  const url = new URL(PLACEHOLDER);
  // Set and not parsed: `//host/path` would be read as another host, and the path lost.
  url.pathname = path;
  return url.pathname.replace(/\/{2,}/g, "/");
}

/**
 * Returns the paths that a request's path may mean, as it is and percent-decoded.
 *
 * Next compares the path as it is. What is decided here must not depend on that, so a page is protected when
 * either of them is, and public when both are.
 */
export function meanings(pathname: string): readonly string[] {
  const path = pageOf(normalized(pathname));
  try {
    const decoded = pageOf(normalized(decodeURIComponent(path)));
    return decoded === path ? [path] : [path, decoded];
  } catch {
    return [path];
  }
}

function pageOf(path: string): string {
  const page = DATA.exec(path)?.[1] ?? beforeSegments(path) ?? beforeRsc(path);
  return page === "/index" ? "/" : (page ?? path);
}

/** Asks for both ends apart: one expression for both would look from every start in a long path to its end. */
function beforeSegments(path: string): string | undefined {
  if (!path.endsWith(SEGMENT_RSC)) return undefined;
  // Something is between them.
  const start = path.lastIndexOf(SEGMENTS, path.length - SEGMENT_RSC.length - SEGMENTS.length - 1);
  return start < 0 ? undefined : path.slice(0, start);
}

function beforeRsc(path: string): string | undefined {
  return path.endsWith(RSC) ? path.slice(0, -RSC.length) : undefined;
}

/** Returns what is wrong with a pattern of protected routes, undefined when nothing is. */
export function faultOfPattern(pattern: string): string | undefined {
  if (!pattern.startsWith("/")) return "must start with /";
  const segments = segmentsOf(pattern);
  for (const [index, segment] of segments.entries()) {
    if (GLOB.test(segment)) {
      if (index === 0) return 'protects every route: use defaultAccess: "protected"';
      if (index < segments.length - 1) return "has a glob that is not its last segment";
    } else if (!PARAMETER.test(segment) && !isLiteral(segment)) {
      return `has a segment that is neither text, :name, * nor :name*: ${JSON.stringify(segment)}`;
    }
  }
  return undefined;
}

function isLiteral(segment: string): boolean {
  return !DOTS.test(segment) && !SPECIAL.test(segment) && !hasBackslashOrControl(segment);
}

/** Returns the test whether a path matches a pattern without faults. */
export function patternTest(pattern: string): (path: string) => boolean {
  const wanted = segmentsOf(normalized(pattern));
  const glob = wanted.some((segment) => GLOB.test(segment));
  if (glob) wanted.pop();
  return (path) => {
    const asked = segmentsOf(path);
    return (
      (glob ? asked.length >= wanted.length : asked.length === wanted.length) &&
      wanted.every((segment, index) => PARAMETER.test(segment) || segment === asked[index])
    );
  };
}

/** Returns the test whether a path is that of one page, whose query, fragment and last slash do not count. */
export function pageTest(page: string): (path: string) => boolean {
  const { pathname } = new URL(page, PLACEHOLDER);
  const wanted = segmentsOf(pathname).join("/");
  return (path) => segmentsOf(path).join("/") === wanted;
}

/** Returns the test whether a path is a listed one or below; what ends in `/` is a plain prefix, except `/`. */
export function listTest(routes: readonly string[]): (path: string) => boolean {
  const listed = routes.map(normalized);
  return (path) =>
    listed.some((route) => path === route || (route !== "/" && path.startsWith(prefixOf(route))));
}

/** Returns the test whether a path begins with a plain prefix. */
export function prefixTest(prefix: string): (path: string) => boolean {
  const wanted = normalized(prefix);
  return (path) => path.startsWith(wanted);
}

function prefixOf(route: string): string {
  return route.endsWith("/") ? route : `${route}/`;
}

function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}
