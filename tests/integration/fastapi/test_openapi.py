"""The app's document: complete, valid, and true in every delivery mode."""

import json
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from openapi_spec_validator import validate
from pydantic import BaseModel

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.fastapi import CurrentUser, apply_openapi, auth_router, install
from bymax_auth.http.openapi import openapi_fragment
from tests.integration.http.world import World, a_world

MODES = [*TokenDelivery]


class Item(BaseModel):
    """A model of the host's."""

    name: str


def references_in(value: object) -> Iterator[str]:
    match value:
        case {"$ref": str(target)}:
            yield target
        case dict():
            for member in value.values():
                yield from references_in(member)
        case list():
            for item in value:
                yield from references_in(item)


def host_app(world: World) -> FastAPI:
    app = FastAPI()

    @app.post("/items")
    async def create(item: Item, user: CurrentUser) -> Item:
        return item

    install(app, world.engine, world.http)
    return app


@pytest.mark.untraced
@pytest.mark.parametrize("mode", MODES)
async def test_the_document_is_valid_and_closed(mode: TokenDelivery) -> None:
    """A client generator stops at the first reference to nothing."""
    async with a_world(token_delivery=mode) as world:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            document = host_app(world).openapi()
        validate(document)
        components = document["components"]
        known = {f"#/components/schemas/{name}" for name in components["schemas"]}
        used = set(references_in(document))
        assert used <= known
        assert {name for name in known if "BymaxAuth" in name} <= used


@pytest.mark.parametrize("mode", MODES)
async def test_the_document_is_the_fragment_and_the_hosts_own(mode: TokenDelivery) -> None:
    """Two descriptions of the same routes would drift apart."""
    async with a_world(token_delivery=mode) as world:
        document = host_app(world).openapi()
        fragment: Any = openapi_fragment(world.engine, world.http)
        ours = {path: item for path, item in document["paths"].items() if path.startswith("/auth/")}
        assert ours == fragment["paths"]
        for kind in ("schemas", "securitySchemes"):
            for name, component in fragment["components"][kind].items():
                assert document["components"][kind][name] == component
        assert "Item" in document["components"]["schemas"]
        assert "422" in document["paths"]["/items"]["post"]["responses"]
        assert "422" not in json.dumps(ours)


async def test_the_components_are_added_once(world: World) -> None:
    """A second call, or a document made again after another route was added, must not lose or double any."""
    app = host_app(world)
    first = app.openapi()
    made = app.openapi
    apply_openapi(app, world.engine, world.http)
    assert app.openapi is made

    @app.get("/later")
    async def later() -> None: ...

    app.openapi_schema = None
    second = app.openapi()
    assert second["components"] == first["components"]
    assert "/later" in second["paths"]


@pytest.mark.untraced
async def test_a_bare_router_is_documented_once_its_components_are_applied(world: World) -> None:
    """Whoever mounts by hand gets a document with dangling references until then."""
    app = FastAPI()
    app.include_router(auth_router(world.engine, world.http), prefix="/api")
    assert "components" not in app.openapi()
    app.openapi_schema = None
    apply_openapi(app, world.engine, world.http)
    document = app.openapi()
    validate(document)
    assert "/api/auth/login" in document["paths"]
