import { createLogoutHandler } from "@bymax-one/python-auth/nextjs";
import { api } from "@/lib/auth";

export const POST = createLogoutHandler({ ...api, mode: "redirect", loginPath: "/login" });
