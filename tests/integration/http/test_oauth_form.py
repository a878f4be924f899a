"""The form of a provider that posts instead of sending the browser back with a link."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.oauth import CallbackParameters
from tests.integration.http.driver import Answer
from tests.integration.http.providers import FAILED, PAGES, Open, arrive, returned
from tests.integration.http.world import World, a_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world(hooks=Open()) as ready:
        yield ready


@pytest.fixture
async def paged() -> AsyncIterator[World]:
    """A deployment that has pages for every outcome."""
    async with a_world(hooks=Open(), oauth=PAGES) as ready:
        yield ready


# ── the form of a provider that posts ────────────────────────────────────────────────────────────────────

FORM = "application/x-www-form-urlencoded"
FROM_APPLE = (("origin", "https://appleid.apple.com"), ("sec-fetch-site", "cross-site"))


async def post(world: World, form: bytes, name: str = "apple", **more: Any) -> Answer:
    options: dict[str, Any] = {"content_type": FORM, "headers": FROM_APPLE, **more}
    return await world.driver.call("POST", f"/oauth/{name}/callback", raw=form, **options)


async def test_a_form_of_another_site_becomes_a_navigation_that_carries_the_cookie(world: World) -> None:
    """The browser sends no Lax cookie with a form of another site: no state could be compared."""
    back, cookies = await returned(world, provider=world.apple)
    said = '{"name":{"firstName":"Zoé"}}'
    sent = {**back, "iss": world.apple.issuer, "user": said, "id_token": "x.y.z"}
    answer = await post(world, urlencode(sent).encode())
    assert (answer.status, answer.body, answer.all("set-cookie")) == (303, b"", [])
    location = answer.header("location")
    assert location is not None
    assert location.startswith("?")
    assert answer.header("referrer-policy") == "no-referrer"
    brought = {name: values[0] for name, values in parse_qs(location[1:]).items()}
    assert brought == {**back, "iss": world.apple.issuer}
    came = await arrive(world, brought, cookies, "apple")
    assert came.status == 200, came.body
    assert world.apple.callbacks == [
        CallbackParameters(code=back["code"], issuer=world.apple.issuer, user=said)
    ]


async def test_a_form_without_a_code_brings_the_error_back(world: World) -> None:
    """Somebody who pressed "cancel" at the provider would be left on an empty page."""
    answer = await post(world, b"state=s&error=user_cancelled_authorize")
    assert (answer.status, answer.header("location")) == (303, "?state=s&error=user_cancelled_authorize")


@pytest.mark.parametrize("name", ["memory", "google"])
async def test_a_provider_that_does_not_post_gets_no_form(paged: World, name: str) -> None:
    """A form of any site would be taken for the provider's."""
    answer = await post(paged, b"state=s&code=c", name)
    assert (answer.status, answer.body) == (401, FAILED)


async def test_where_no_provider_posts_there_is_no_route() -> None:
    """A form of another site would be read by a deployment that expects none."""
    async with a_world(hooks=Open(), oauth_providers=(InMemoryOAuthProvider(),)) as world:
        answer = await post(world, b"state=s&code=c", "memory")
        assert (answer.status, answer.header("allow")) == (405, "GET")


@pytest.mark.parametrize(
    ("form", "more", "fields"),
    [
        (b"", {}, ["content-type"]),
        (b'{"state":"s"}', {"content_type": "application/json"}, ["content-type"]),
        (b"state=s", {"content_type": None}, ["content-type"]),
        (b"code=c", {}, ["state"]),
        (b"state=s&user=" + b"u" * 2_049, {}, ["user"]),
        (b"state=s&state=t", {}, ["body"]),
        (b"state=%ff", {}, ["body"]),
        (b"state=\xff", {}, ["body"]),
        (b"state=s&x=" + b"x" * 16_384, {}, ["body"]),
    ],
    ids=range(9),
)
async def test_a_form_that_is_malformed_is_refused(
    world: World, form: bytes, more: dict[str, Any], fields: list[str]
) -> None:
    """Anybody can post one: it must cost no more than it is worth."""
    answer = await post(world, form, **more)
    assert (answer.status, answer.code, answer.fields) == (400, "auth.validation", fields)
