"""Small projects of Next: with what the README shows, with a middleware, with a fault."""

import re
from pathlib import Path

from tools.npm_package import FOLDER

__all__ = ["AT_THE_EDGE", "EDGE_ROUTE", "as_the_readme_says", "in_the_browser", "write"]

_LAYOUT = """
export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}
"""
_CONFIG = "export default { turbopack: { root: import.meta.dirname } };\n"


_README = (FOLDER / "README.md").read_text("utf-8")
_PAGES = {
    "app/layout.tsx": """
export default function Layout({ children }: { children: React.ReactNode }) {
  return <html lang="en"><body>{children}</body></html>;
}
""",
    "app/page.tsx": "export default () => <p>home</p>;",
    "app/dashboard/page.tsx": """
import { getSession } from "../../lib/session";

export default async () => <p>signed in as {(await getSession())?.userId}</p>;
""",
    "app/login/page.tsx": """
"use client";

import { createAuthClient } from "@bymax-one/python-auth/client";
import { SignIn } from "@bymax-one/python-auth/components";
import { AuthProvider } from "@bymax-one/python-auth/react";

const client = createAuthClient();

export default () => (
  <AuthProvider client={client}>
    <SignIn locale="en" />
  </AuthProvider>
);
""",
    "app/dashboard/report/route.ts": """
export const GET = () => new Response("figures", { headers: { "cache-control": "public, max-age=60" } });
""",
}


def as_the_readme_says() -> dict[str, str]:
    """A project with every file that the README shows, and some pages."""
    shown = re.findall(r"^// (\S+\.ts)\n(.*?)(?=^// \S+\.ts\n|^```$)", _README, re.MULTILINE | re.DOTALL)
    assert len(shown) == 6
    return _PAGES | dict(shown)


def in_the_browser(entry: str) -> dict[str, str]:
    """A project whose page imports an entry for servers."""
    page = f"""
"use client";
import {{ verifyJwtToken }} from "@bymax-one/python-auth/{entry}";

export default function Page() {{
  return <button onClick={{() => verifyJwtToken("a.b.c", "secret")}}>verify</button>;
}}
"""
    return {"app/page.jsx": page}


AT_THE_EDGE = {
    "middleware.js": """
import { createAuthProxy } from "@bymax-one/python-auth/nextjs";

const authProxy = createAuthProxy({
  jwtSecret: process.env.JWT_SECRET,
  protectedRoutes: [{ pattern: "/inside/:path*" }],
});

export async function middleware(request) {
  const answer = await authProxy.proxy(request);
  if (answer.ok && request.nextUrl.pathname === "/inside/report") answer.headers.delete("cache-control");
  return answer;
}
export const config = { matcher: ["/inside/:path*"] };
""",
    "app/inside/page.jsx": """
import { headers } from "next/headers";

export default async function Inside() {
  return <p>shown to {(await headers()).get("x-user-id")}</p>;
}
""",
    "app/inside/report/route.js": """
export const GET = () => new Response("figures", { headers: { "cache-control": "private, max-age=60" } });
""",
}

# Next 16.4 builds no route at the edge with webpack.
EDGE_ROUTE = {
    "app/who/route.js": """
import { verifyJwtToken } from "@bymax-one/python-auth/edge";

export const runtime = "edge";

export async function GET(request) {
  const token = request.cookies.get("access_token")?.value ?? "";
  const verified = await verifyJwtToken(token, process.env.JWT_SECRET, null, "dashboard");
  const { isValid, signatureVerified, sub } = verified;
  return Response.json({ isValid, signatureVerified, sub });
}
""",
}


def write(folder: Path, files: dict[str, str]) -> None:
    """Write a project without its packages."""
    for name, text in {"app/layout.jsx": _LAYOUT, "next.config.mjs": _CONFIG, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")
    (folder / "package.json").write_text('{"private": true, "type": "module"}', encoding="utf-8")
