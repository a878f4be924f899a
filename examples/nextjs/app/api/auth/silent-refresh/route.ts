import { createSilentRefreshHandler } from "@bymax-one/python-auth/nextjs";
import { api } from "@/lib/auth";

export const GET = createSilentRefreshHandler(api);
