import { createAuthForwardHandler } from "@bymax-one/python-auth/nextjs";
import { api } from "@/lib/auth";

export const { GET, POST, DELETE } = createAuthForwardHandler(api);
