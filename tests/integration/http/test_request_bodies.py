"""What a body may be, asked of every route that takes one."""

import json

import pytest

from bymax_auth.http.routes import AnyRoute
from tests.integration.http.requests import BODIES, JSON_ROUTES, LENIENT_ROUTES, path_of, route_id
from tests.integration.http.world import World, a_world

SECRET_VALUE = "hunter2-must-not-be-echoed"


async def cookies_for(world: World, spec: AnyRoute) -> dict[str, str]:
    """What admits a request of this route; no refresh token, which would let it change something."""
    return {"access_token": (await world.signed_in())["access_token"]} if spec.access.guards else {}


@pytest.mark.parametrize("spec", JSON_ROUTES, ids=route_id)
async def test_only_json_is_read(world: World, spec: AnyRoute) -> None:
    """A form of another site can send plain text without asking the browser first."""
    cookies = await cookies_for(world, spec)
    refused = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None]
    for content_type in refused:
        answer = await world.driver.call(
            "POST", path_of(spec), json_body=BODIES[spec.name], content_type=content_type, cookies=cookies
        )
        assert answer.status == 400
        assert answer.error["details"] == [
            {"field": "content-type", "message": "Content-Type must be application/json."}
        ]
    for content_type in ("APPLICATION/JSON; charset=utf-8", "application/merge-patch+json"):
        answer = await world.driver.call(
            "POST", path_of(spec), raw=b"{}", content_type=content_type, cookies=cookies
        )
        assert "content-type" not in answer.fields


@pytest.mark.parametrize("spec", [*JSON_ROUTES, *LENIENT_ROUTES], ids=route_id)
async def test_the_cap_is_exact_however_the_body_arrives(world: World, spec: AnyRoute) -> None:
    """One byte more than the cap is refused, one byte less is a body like any other."""
    cookies = await cookies_for(world, spec)
    cap = 16_384
    padded = b'{"x":' + b" " * (cap - 7) + b"1}"
    assert len(padded) == cap
    halves = [padded[:5_000], padded[5_000:]]
    for chunks in ([padded], halves):
        answer = await world.driver.call(spec.method, path_of(spec), chunks=chunks, cookies=cookies)
        assert b"too large" not in answer.body
    oversized = [
        await world.driver.call(spec.method, path_of(spec), raw=padded + b" ", cookies=cookies),
        await world.driver.call(spec.method, path_of(spec), chunks=[padded, b" "], cookies=cookies),
        await world.driver.call(
            spec.method,
            path_of(spec),
            chunks=[padded + b" "],
            cookies=cookies,
            headers=[("content-length", "2")],
        ),
        await world.driver.call(
            spec.method, path_of(spec), cookies=cookies, headers=[("content-length", str(cap + 1))]
        ),
    ]
    for answer in oversized:
        assert (answer.status, answer.code) == (400, "auth.validation")
        assert answer.error["details"] == [{"field": "body", "message": "Request body is too large."}]


@pytest.mark.parametrize("spec", JSON_ROUTES, ids=route_id)
async def test_a_malformed_body_is_named_and_not_echoed(world: World, spec: AnyRoute) -> None:
    """An error page is where passwords end up in screenshots and logs."""
    cookies = await cookies_for(world, spec)
    fields = BODIES[spec.name]
    some = next(iter(fields))
    text = json.dumps({**dict.fromkeys(fields, SECRET_VALUE)})
    cases: list[tuple[bytes, str]] = [
        (b"", "body"),
        (text[:-1].encode(), "body"),
        ((text + "}").encode(), "body"),
        (("\ufeff" + text).encode(), "body"),
        (text.encode("utf-16"), "body"),
        (text.replace(f'"{SECRET_VALUE}"', "NaN", 1).encode(), "body"),
        (f"[{text}]".encode(), "body"),
        (b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "body"),
        (f'{{"{some}":"{SECRET_VALUE}",{text[1:]}'.encode(), some),
        (b'{"\\ud800":1}', "body"),
        (f'{{"{some}":{{"\\ud800":1,"\\ud800":2}}}}'.encode(), f"{some}.\ufffd"),
    ]
    for raw, field in cases:
        answer = await world.driver.call("POST", path_of(spec), chunks=[raw], cookies=cookies)
        assert (answer.status, answer.code, answer.fields) == (400, "auth.validation", [field]), raw[:60]
        assert SECRET_VALUE.encode() not in answer.body


@pytest.mark.parametrize("spec", JSON_ROUTES, ids=route_id)
async def test_each_field_is_required_or_optional_and_text(world: World, spec: AnyRoute) -> None:
    """A number where text belongs is a client's bug, and silence about it would hide the bug."""
    cookies = await cookies_for(world, spec)
    valid = BODIES[spec.name]
    optional = {"tenantId", "tenantName", "refreshToken", "mfaTempToken"}
    if spec.name == "reset_password":
        optional |= {"token", "otp", "verifiedToken"}

    async def fields_of(body: dict[str, object]) -> list[str]:
        answer = await world.driver.call("POST", path_of(spec), json_body=body, cookies=cookies)
        assert (answer.status, answer.code) == (400, "auth.validation")
        return answer.fields

    for name in valid:
        for value in (1, True, 1.5, [], {}, "\ud800"):
            assert await fields_of({**valid, name: value}) == [name]
        if name not in optional:
            assert await fields_of({**valid, name: None}) == [name]
            assert await fields_of({key: value for key, value in valid.items() if key != name}) == [name]
    assert await fields_of({**valid, "unknown": SECRET_VALUE}) == ["unknown"]
    assert await fields_of({**valid, "new_password": SECRET_VALUE}) == ["new_password"]


async def test_a_smaller_cap_can_be_set() -> None:
    """A host with small requests has no use for sixteen kilobytes."""
    async with a_world(max_body_bytes=100) as world:
        answer = await world.driver.call("POST", "/login", raw=b" " * 98 + b"{}")
        assert answer.fields == ["email", "password"]
        answer = await world.driver.call("POST", "/login", raw=b" " * 99 + b"{}")
        assert answer.fields == ["body"]
