"""Sign-in with a provider behind every way of mounting the routes."""

from urllib.parse import parse_qs, urlencode

import pytest

from tests.integration.fastapi.faces import FACES, behind
from tests.integration.http.providers import Open, arrive, depart, returned, signed_in
from tests.integration.http.world import a_world


@pytest.mark.parametrize("face", FACES)
async def test_a_person_signs_in_with_a_provider(face: str) -> None:
    """A framework would quote the address again, answer 307, or take the form for its own."""
    async with a_world(hooks=Open()) as world:
        world.driver = behind(world, face)
        assert (await depart(world)).status == 302
        answer = await signed_in(world)
        assert answer.status == 200, answer.body
        assert (await world.driver.call("GET", "/me", cookies=answer.cookies)).status == 200
        head = await world.driver.call("HEAD", "/oauth/memory/callback")
        assert head.status == 405

        back, cookies = await returned(world, provider=world.apple, provider_id="5", email="eve@example.com")
        posted = await world.driver.call(
            "POST",
            "/oauth/apple/callback",
            raw=urlencode({**back, "user": "{}"}).encode(),
            content_type="application/x-www-form-urlencoded",
            headers=[("origin", "https://appleid.apple.com"), ("sec-fetch-site", "cross-site")],
        )
        location = posted.header("location")
        assert (posted.status, location is not None) == (303, True)
        brought = {name: values[0] for name, values in parse_qs(str(location)[1:]).items()}
        came = await arrive(world, brought, cookies, "apple")
        assert came.status == 200, came.body
        assert world.apple.callbacks[0].user == "{}"
