import { createClientRefreshHandler } from "@bymax-one/python-auth/nextjs";
import { api } from "@/lib/auth";

export const POST = createClientRefreshHandler(api);
