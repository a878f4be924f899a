import { trimLeadingSlashes, trimTrailingSlashes } from "../shared/trim-slashes.ts";

const WITH_SERVER = /^([a-z][a-z0-9+.-]*:)?\/\//i;

function namesServer(address: string): boolean {
  return WITH_SERVER.test(address);
}

/** Returns an address below a base; one that names its server, or one without a base, as it is. */
export function joined(base: string, address: string): string {
  if (!base || namesServer(address)) return address;
  return `${trimTrailingSlashes(base)}/${trimLeadingSlashes(address)}`;
}

/** Returns the address of a route of the server. */
export function routeUrl(base: string, prefix: string, path: string): string {
  const below = trimLeadingSlashes(`${trimTrailingSlashes(prefix)}/${path}`);
  return `${trimTrailingSlashes(base)}/${below}`;
}

/** Returns where refreshes are posted: as given, below the base only if it is neither rooted nor complete. */
export function refreshUrl(endpoint: string, base: string): string {
  return endpoint.startsWith("/") ? endpoint : joined(base, endpoint);
}

/** Returns the path of an address without query and fragment; `""` for one that cannot be read. */
export function pathOf(address: string): string {
  try {
    return new URL(address, "http://a").pathname;
  } catch {
    return "";
  }
}

/** Returns whether an address belongs to another origin than the page, or to any where there is no page. */
export function isForeign(address: string): boolean {
  if (!namesServer(address)) return false;
  const page = globalThis.location;
  return !page || new URL(address, page.href).origin !== page.origin;
}
