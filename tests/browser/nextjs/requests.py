"""What a browser asks an application of Next for, sent without one."""

import asyncio

import httpx2

from tests.browser.nextjs.deployment import Deployment, eventually
from tests.servers.patience import PATIENCE

__all__ = ["signs_in_and_out"]

_SILENT = "/api/auth/silent-refresh?redirect=/dashboard"


async def signs_in_and_out(deployment: Deployment) -> None:
    """Go through the proxy and every handler as one person, from the registration to the sign-out."""
    person = {"email": "ana@example.com", "password": "a quiet river at dawn 42"}
    headers = {"origin": deployment.url, "sec-fetch-site": "same-origin"}
    async with httpx2.AsyncClient(base_url=deployment.url, headers=headers, timeout=PATIENCE) as client:
        refused = await client.get("/dashboard")
        assert (refused.status_code, refused.headers["location"]) == (307, "/login?redirectTo=%2Fdashboard")
        assert 'type="password"' in (await client.get("/login")).text
        assert (await client.post("/api/auth/register", json={**person, "name": "Ana"})).status_code == 201
        proof = {"email": person["email"], "otp": await deployment.mailed_code(person["email"])}
        assert (await client.post("/api/auth/verify-email", json=proof)).status_code == 204
        signed_in = await client.post("/api/auth/login", json=person)
        assert signed_in.json()["user"]["id"] in (await client.get("/dashboard")).text
        # Next lets the headers of the proxy stand, and the handler's lifetime is public.
        report = await client.get("/dashboard/report")
        assert (report.text, report.headers["cache-control"]) == ("figures", "private, no-store")
        assert "cookie" in report.headers["vary"].lower()
        before = client.cookies["refresh_token"]
        await _refreshes_once(client, deployment)
        client.cookies.delete("access_token")
        page = await client.get("/dashboard", follow_redirects=True)
        assert (page.status_code, page.url.path, page.url.query) == (200, "/dashboard", b"")
        assert (await client.post("/api/auth/logout")).headers["location"] == "/login"
        assert (await client.get("/dashboard")).status_code == 307
        late = await client.get(_SILENT, headers={"cookie": f"refresh_token={before}"})
        assert late.headers["location"] == "/login?reason=expired"


async def _refreshes_once(client: httpx2.AsyncClient, deployment: Deployment) -> None:
    """A page and a script with the same refresh token, whose handlers are bundled apart."""
    refreshes = deployment.refreshes()
    deployment.api.stall()
    try:
        asked = asyncio.gather(client.get(_SILENT), client.post("/api/auth/client-refresh"))
        await eventually(lambda: deployment.refreshes() > refreshes, "the API is asked")
    finally:
        deployment.api.flow()
    page, script = await asked
    assert (page.headers["location"], script.status_code) == ("/dashboard", 200)
    assert page.headers.get_list("set-cookie") == script.headers.get_list("set-cookie")
    assert deployment.refreshes() == refreshes + 1
