"""`bymax-auth serve` with administrators: environment variables alone turn the realm on."""

from pathlib import Path

import pytest

from tests.integration.cli import in_process
from tests.integration.cli.service import PASSWORD, serving, settings

pytestmark = [pytest.mark.processes, pytest.mark.untraced]

ROOT = "root@example.com"
PLATFORM = {
    "BYMAX_AUTH_PLATFORM__ENABLED": "true",
    "BYMAX_AUTH_ROLES__PLATFORM_HIERARCHY": '{"ROOT": ["SUPPORT"], "SUPPORT": []}',
}


@pytest.mark.parametrize("profile", ["nest_compat", "secure"])
def test_an_administrator_of_the_service_signs_in_and_is_signed_out_by_an_operator(
    tmp_path: Path, profile: str
) -> None:
    """A service would need code of its own before anybody could administer it."""
    env = settings(tmp_path, **PLATFORM, BYMAX_AUTH_SERVE__PROFILE=profile)
    with serving(tmp_path, "--migrate", env=env) as service, service.client() as client:
        create = ("users", "--platform", "create", ROOT, "--role", "ROOT", "--name", "Grace")
        created = in_process.run(*create, env=env, given=f"{PASSWORD}\n")
        assert (created.returncode, created.stderr) == (0, "")
        signed_in = client.post("/auth/platform/login", json={"email": ROOT, "password": PASSWORD})
        assert signed_in.status_code == 200, signed_in.text
        assert "set-cookie" not in signed_in.headers
        session = signed_in.json()
        assert session["admin"]["id"] == created.stdout.strip()
        header = {"Authorization": f"Bearer {session['accessToken']}"}
        assert client.get("/auth/platform/me", headers=header).json()["role"] == "ROOT"
        assert client.get("/auth/me", headers=header).status_code == 401
        renewed = client.post("/auth/platform/refresh", json={"refreshToken": session["refreshToken"]})
        assert renewed.status_code == 200
        done = in_process.run("users", "--platform", "sign-out", ROOT, env=env)
        assert done.returncode == 0
        header = {"Authorization": f"Bearer {renewed.json()['accessToken']}"}
        assert client.get("/auth/platform/me", headers=header).status_code == 401
        left = client.post("/auth/platform/refresh", json={"refreshToken": renewed.json()["refreshToken"]})
        assert left.status_code == 401


def test_a_service_without_the_variables_has_no_such_route(tmp_path: Path) -> None:
    """A deployment that never asked for administrators would have a door for them."""
    with serving(tmp_path, "--migrate", env=settings(tmp_path)) as service, service.client() as client:
        for path in ("login", "logout", "refresh", "me", "sessions"):
            assert client.post(f"/auth/platform/{path}", json={}).status_code == 404
