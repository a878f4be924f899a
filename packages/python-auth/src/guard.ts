/**
 * What a bundle for browsers gets instead of the entries for servers, under the same names.
 *
 * Importing `server-only` fails a build of Next; any other bundle fails when it is loaded, without holding
 * any code that handles secrets.
 */
import "server-only";

function refuse(): never {
  throw new Error("@bymax-one/python-auth/edge is for servers: import it in no code that browsers load");
}

export const decodeJwtToken: typeof refuse = refuse;
export const getTenantId: typeof refuse = refuse;
export const getUserId: typeof refuse = refuse;
export const getUserRole: typeof refuse = refuse;
export const isTokenExpired: typeof refuse = refuse;
export const verifyJwtToken: typeof refuse = refuse;

refuse();
