"""The app's document: complete, valid, and true in every delivery mode."""

import json
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
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
    kind = type(app)
    apply_openapi(app, world.engine, world.http)
    assert (type(app), app.openapi()) == (kind, first)

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


def customised(app: FastAPI, *, through_the_app: bool = False) -> None:
    """What FastAPI's documentation tells a host to do for a document of its own."""
    original = app.openapi

    def custom() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        if through_the_app:
            document = original()
        else:
            document = get_openapi(title="Ours", version="3", routes=app.routes)
        document["info"]["x-logo"] = {"url": "https://example.com/logo.png"}
        app.openapi_schema = document
        return document

    app.openapi = custom  # type: ignore[method-assign]


def complete(document: dict[str, Any]) -> None:
    components = document["components"]
    assert set(references_in(document)) <= {f"#/components/schemas/{name}" for name in components["schemas"]}
    named = {
        name
        for item in document["paths"].values()
        for operation in item.values()
        for requirement in operation.get("security", [])
        for name in requirement
    }
    assert named <= set(components["securitySchemes"])
    assert "BymaxAuthErrorEnvelope" in components["schemas"]
    assert "x-logo" in document["info"]


@pytest.mark.untraced
@pytest.mark.parametrize("through_the_app", [False, True])
@pytest.mark.parametrize("first", ["custom", "install"])
@pytest.mark.parametrize("mounted", [False, True])
async def test_a_hosts_own_document_is_complete(
    world: World, first: str, through_the_app: bool, mounted: bool
) -> None:
    """A host that adds its logo to the document loses every schema of the auth routes."""
    app = FastAPI()

    @app.post("/items")
    async def create(item: Item, user: CurrentUser) -> Item:
        return item

    if first == "custom":
        customised(app, through_the_app=through_the_app)
    install(app, world.engine, world.http)
    if first == "install":
        customised(app, through_the_app=through_the_app)
    for _ in range(2):
        complete(app.openapi())
    outer = FastAPI()
    outer.mount("/inner", app)
    served = replace(world.driver, app=outer if mounted else app, prefix="/inner" if mounted else "")
    document = (await served.call("GET", "/openapi.json")).members
    assert document["paths"].keys() >= {"/items", "/auth/login"}  # type: ignore[attr-defined]
    complete(document)


@pytest.mark.untraced
async def test_a_bare_router_in_an_app_with_its_own_document(world: World) -> None:
    """Whoever includes the router by hand customises the document in the same way."""
    for first in ("custom", "apply"):
        app = FastAPI()
        app.include_router(auth_router(world.engine, world.http))
        if first == "custom":
            customised(app)
        apply_openapi(app, world.engine, world.http)
        if first == "apply":
            customised(app)
        complete(app.openapi())


class Branded(FastAPI):
    """A host's own kind of app, with a document of its own."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document["info"]["x-logo"] = {"url": "https://example.com/logo.png"}
        return document


@pytest.mark.untraced
async def test_an_app_of_a_hosts_own_class_stays_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host's class keeps its methods, and other apps of the class know nothing of the auth routes."""
    app, other = Branded(), Branded()
    install(app, world.engine, world.http)
    assert isinstance(app, Branded)
    assert (type(app).__name__, type(app).__module__) == ("Branded", Branded.__module__)
    complete(app.openapi())
    assert "components" not in other.openapi()
    with monkeypatch.context() as patching:
        patching.setattr(app, "openapi", lambda: {"openapi": "3.1.0", "info": {}, "paths": {}})
        assert "BymaxAuthErrorEnvelope" in app.openapi()["components"]["schemas"]
    complete(app.openapi())
    customised(app, through_the_app=True)
    del app.openapi
    app.openapi_schema = None
    complete(app.openapi())


async def test_a_host_names_its_operations_by_their_tags(world: World) -> None:
    """FastAPI's guide on generated clients names operations so; every request and the document would fail."""

    def by_tag(route: APIRoute) -> str:
        return f"{route.tags[0]}-{route.name}"

    app = FastAPI(generate_unique_id_function=by_tag)
    install(app, world.engine, world.http)
    validate(app.openapi())
    assert (await replace(world.driver, app=app, prefix="/auth").call("GET", "/nothing")).status == 404


async def test_what_one_app_changes_in_its_document_stays_there(world: World) -> None:
    """FastAPI's documented way edits the document in place, and another app would publish the edits."""
    first, second = (json.dumps(openapi_fragment(world.engine, world.http)) for _ in range(2))
    assert first == second
    edit(host_app(world).openapi())
    edit(openapi_fragment(world.engine, world.http))
    assert json.dumps(openapi_fragment(world.engine, world.http)) == first


def edit(value: object) -> None:
    match value:
        case dict():
            for member in value.values():
                edit(member)
            value["x-internal"] = True
        case list():
            for item in value:
                edit(item)
