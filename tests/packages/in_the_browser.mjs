// Code for browsers that must not have what it imports.
import { verifyJwtToken } from "@bymax-one/python-auth/edge";

export const verify = (token) => verifyJwtToken(token, "secret");
