import type { AuthProxyConfig } from "@bymax-one/python-auth/nextjs";
import { expect, test } from "vitest";
import { ask, done, type Visit } from "./visits.ts";

const MEMBER: Visit = { access: {} };
const BANNED: Visit = { access: { status: "BANNED" } };
const login = (back: string, reason?: string) =>
  `307 /login?${reason === undefined ? "" : `reason=${reason}&`}redirectTo=${encodeURIComponent(back)}`;

type Row = [what: string, path: string, visit: Visit, config: AuthProxyConfig, expected: string];

const ROWS: Row[] = [
  [
    "a path that is public and protected is protected",
    "/about/team",
    {},
    { publicRoutes: ["/login", "/about"], protectedRoutes: [{ pattern: "/about/team" }] },
    login("/about/team"),
  ],
  [
    "the first protected pattern that matches decides who may come, though a later one lets them",
    "/admin/open",
    MEMBER,
    {
      protectedRoutes: [
        { pattern: "/admin/:path*", allowedRoles: ["admin"] },
        { pattern: "/admin/open", allowedRoles: ["member"] },
      ],
    },
    "307 /dashboard/member?error=forbidden",
  ],
  [
    "the first protected pattern that matches lets somebody in, though a later one refuses them",
    "/admin/open",
    MEMBER,
    {
      protectedRoutes: [
        { pattern: "/admin/open", allowedRoles: ["member"] },
        { pattern: "/admin/:path*", allowedRoles: ["admin"] },
      ],
    },
    "next",
  ],
  [
    "the first rule of roles whose prefix fits refuses, though a later one lets them in",
    "/dashboard/a/b",
    MEMBER,
    {
      roleRules: [
        { pathPrefix: "/dashboard/a", roles: ["admin"] },
        { pathPrefix: "/dashboard", roles: ["member"] },
      ],
    },
    login("/dashboard/a/b", "forbidden"),
  ],
  [
    "the first rule of roles whose prefix fits lets somebody in, though a later one refuses them",
    "/dashboard/a/b",
    MEMBER,
    {
      roleRules: [
        { pathPrefix: "/dashboard/a", roles: ["member"] },
        { pathPrefix: "/dashboard", roles: ["admin"] },
      ],
    },
    "next",
  ],
  [
    "a user who is banned is told so, and not that the role is another",
    "/admin",
    BANNED,
    {},
    login("/admin", "banned"),
  ],
  [
    "a role that the pattern allows is judged by the rules of roles as well",
    "/staff/accounts",
    { access: { role: "staff" } },
    { roleRules: [{ pathPrefix: "/staff/accounts", roles: ["admin"] }] },
    login("/staff/accounts", "forbidden"),
  ],
  [
    "a page whose refresh was not answered asks for no other one",
    "/dashboard?reason=unavailable",
    { hasSession: true },
    {},
    login("/dashboard", "expired"),
  ],
  [
    "HEAD of a login page is sent on like GET",
    "/login",
    { ...MEMBER, method: "HEAD" },
    {},
    "307 /dashboard/member",
  ],
];

test.each(ROWS)("%s", async (_what, path, visit, config, expected) => {
  expect(done(await ask(path, visit, config))).toBe(expected);
});
