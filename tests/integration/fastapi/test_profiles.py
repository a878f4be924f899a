"""A host's profile fields: accepted at registration, handed on, documented, and shown to their owner."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import FastAPI
from openapi_spec_validator import validate as validate_document
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import JSON, Column, Date, MetaData, String, Table, Text, update
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import ValidationFailed
from bymax_auth.fastapi import install
from bymax_auth.http.app import auth_app
from bymax_auth.http.asgi import ASGIApp
from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.openapi import openapi_fragment
from bymax_auth.ports.hooks import Allow, AuthHooks, HookContext, RegisterAttempt, RegisterDecision
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository, users_table
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import RecordingMailer, build_engine
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import RegisterInput
from tests.integration.http.driver import Answer, Driver
from tests.integration.http.world import PASSWORD, UNLIMITED, settings, user

HTTP = AuthHttpConfig(PeerAddress(), rate_limits=UNLIMITED)
BODY = {"email": "bea@example.com", "name": "Bea", "password": PASSWORD, "tenantId": "acme"}
BEA = {"company": "Bymax", "address": {"city": "Lisbon"}, "born": "1990-02-03", "referral": "a friend"}


class Address(BaseModel):
    city: Annotated[str, Field(max_length=40)]


class Profile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    company: Annotated[str, Field(max_length=20)]
    address: Address | None = None
    born: date | None = None
    referral: str | None = Field(default=None, exclude=True)


class Optional(BaseModel):
    nickname: str = ""


class Nicknames(BaseModel):
    nicknames: list[str] = []


class Hooks(AuthHooks):
    """Keeps what it was asked about."""

    def __init__(self) -> None:
        self.attempts: list[RegisterAttempt] = []

    async def before_register(self, attempt: RegisterAttempt, context: HookContext) -> RegisterDecision:
        self.attempts.append(attempt)
        return Allow()


def bare(engine: AuthEngine) -> ASGIApp:
    return auth_app(engine, HTTP, app_at_prefix=True)


def installed(engine: AuthEngine) -> ASGIApp:
    app = FastAPI()
    install(app, engine, HTTP)
    return app


@pytest.fixture(params=[bare, installed])
def face(request: pytest.FixtureRequest) -> Callable[[AuthEngine], ASGIApp]:
    """Each adapter."""
    chosen: Callable[[AuthEngine], ASGIApp] = request.param
    return chosen


@asynccontextmanager
async def an_engine(profile: type[BaseModel] | None, hooks: AuthHooks | None = None) -> AsyncIterator[Any]:
    users = InMemoryUserRepository()
    users.add(user(id="u1", email="old@example.com"))
    engine = AuthEngine(
        settings(),
        users=users,
        stores=EmbeddedStores(),
        email=RecordingMailer(),
        hooks=hooks,
        profile=profile,
    )
    async with engine:
        yield engine


async def register(driver: Driver, **changes: object) -> Answer:
    return await driver.call("POST", "/register", json_body={**BODY, **changes})


async def test_a_profile_is_kept_and_shown_to_its_owner(face: Callable[[AuthEngine], ASGIApp]) -> None:
    """A host that asks for a company at registration would need a second form."""
    hooks = Hooks()
    async with an_engine(Profile, hooks) as engine:
        driver = Driver(face(engine))
        made = await register(driver, profile=BEA)
        assert made.status == 201, made.body
        me = await driver.call("GET", "/me", cookies=made.cookies)
        kept = await engine.users.find_by_email("bea@example.com", tenant_id="acme")
    # `referral` has `exclude=True`: it is kept, and shown to nobody.
    assert me.members["profile"] == {name: BEA[name] for name in ("company", "address", "born")}
    expected = Profile(
        company="Bymax", address=Address(city="Lisbon"), born=date(1990, 2, 3), referral="a friend"
    )
    assert kept.profile == expected
    assert [attempt.profile for attempt in hooks.attempts] == [expected]
    assert "Bymax" not in repr(hooks.attempts)
    assert "profile" not in str(made.members)


@pytest.mark.parametrize(
    ("profile", "fields"),
    [
        ({}, ["profile.company"]),
        ({"company": "x" * 21}, ["profile.company"]),
        ({"company": "x", "address": {"city": 5}, "born": "never"}, ["profile.address.city", "profile.born"]),
        ({"company": "x", "role": "ADMIN"}, ["profile.role"]),
        ("text", ["profile"]),
        ([["company", "x"]], ["profile"]),
        (None, ["profile"]),
    ],
)
async def test_what_the_model_refuses_is_named(
    face: Callable[[AuthEngine], ASGIApp], profile: object, fields: list[str]
) -> None:
    """A person cannot see which field is wrong."""
    async with an_engine(Profile) as engine:
        refused = await register(Driver(face(engine)), profile=profile)
    assert (refused.status, refused.code, refused.fields) == (400, "auth.validation", fields)


async def test_a_profile_with_a_required_field_is_required(face: Callable[[AuthEngine], ASGIApp]) -> None:
    """An account starts without what the host needs of everybody."""
    async with an_engine(Profile) as engine:
        refused = await register(Driver(face(engine)))
        assert (refused.status, refused.fields) == (400, ["profile"])
        with pytest.raises(ValidationFailed):
            await engine.register(applicant(), RequestContext())
        with pytest.raises(ValidationFailed):
            await engine.register(applicant(profile=Optional()), RequestContext())
    async with an_engine(Optional) as engine:
        driver = Driver(face(engine))
        made = await register(driver)
        me = await driver.call("GET", "/me", cookies=made.cookies)
        assert me.members["profile"] == {"nickname": ""}
        other = await engine.register(applicant(email="c@example.com"), RequestContext())
        assert (await engine.me(other.user.id, tenant_id="acme")).profile == Optional()


async def test_without_a_model_a_profile_is_refused(face: Callable[[AuthEngine], ASGIApp]) -> None:
    """A client believes that something was stored."""
    async with an_engine(None) as engine:
        driver = Driver(face(engine))
        refused = await register(driver, profile=BEA)
        assert (refused.status, refused.fields) == (400, ["profile"])
        refused = await register(driver, company="Bymax")
        assert (refused.status, refused.fields) == (400, ["company"])
        with pytest.raises(ValidationFailed):
            await engine.register(applicant(profile=Optional()), RequestContext())
        made = await register(driver)
        assert "profile" not in (await driver.call("GET", "/me", cookies=made.cookies)).members


async def test_an_older_account_has_no_profile(face: Callable[[AuthEngine], ASGIApp]) -> None:
    """Everybody who registered before the model would be signed out."""
    async with an_engine(Profile) as engine:
        driver = Driver(face(engine))
        login = {"email": "old@example.com", "password": PASSWORD, "tenantId": "acme"}
        cookies = (await driver.call("POST", "/login", json_body=login)).cookies
        assert (await driver.call("GET", "/me", cookies=cookies)).members["profile"] is None


async def test_a_key_that_is_repeated_inside_is_refused(face: Callable[[AuthEngine], ASGIApp]) -> None:
    """Two parsers read the same registration differently."""
    async with an_engine(Profile) as engine:
        driver = Driver(face(engine))
        for inside in ('{"company":"a","company":"b"}', '{"company":"a","address":{"city":"a","city":"b"}}'):
            raw = f'{{"email":"b@example.com","name":"Bea","password":"{PASSWORD}","profile":{inside}}}'
            refused = await driver.call("POST", "/register", raw=raw.encode())
            assert (refused.status, refused.error["details"][0]["message"]) == (400, "must not be repeated")


class Anything(BaseModel):
    notes: Any = None


@pytest.mark.parametrize(
    ("notes", "field"),
    [
        (r'"\ud800"', "profile"),
        (r'{"a":["\udfff"]}', "profile"),
        (r'"\u0000"', "profile"),
        (r'{"\u0000":1}', "profile"),
        (r'[{"\ud800":1}]', "profile"),
        ("1e400", "body"),
        ("[-1e400]", "body"),
    ],
)
async def test_what_no_answer_or_database_can_hold_is_refused(
    face: Callable[[AuthEngine], ASGIApp], notes: str, field: str
) -> None:
    """An account with such a profile is created, and every request for it fails from then on."""
    async with an_engine(Anything) as engine:
        raw = (
            f'{{"email":"b@example.com","name":"Bea","password":"{PASSWORD}","profile":{{"notes":{notes}}}}}'
        )
        answer = await Driver(face(engine)).call("POST", "/register", raw=raw.encode())
        assert (answer.status, answer.fields) == (400, [field])


async def test_the_document_describes_the_profile() -> None:
    """A generated client could not register anybody."""
    async with an_engine(Profile) as engine:
        fragment: Any = openapi_fragment(engine, HTTP)
        app = FastAPI()
        install(app, engine, HTTP)
        document = app.openapi()
    validate_document(document)
    schemas = fragment["components"]["schemas"]
    request = schemas["BymaxAuthRegisterRequest"]
    assert request["properties"]["profile"] == {"$ref": "#/components/schemas/BymaxAuthProfileInput"}
    assert "profile" in request["required"]
    assert set(schemas["BymaxAuthProfileInput"]["properties"]) == {"company", "address", "born", "referral"}
    assert set(schemas["BymaxAuthProfile"]["properties"]) == {"company", "address", "born"}
    assert "profile" in schemas["BymaxAuthOwnAccount"]["required"]
    assert "profile" not in schemas["BymaxAuthSafeAuthUser"]["properties"]
    assert set(schemas) <= set(document["components"]["schemas"])


def applicant(**changes: Any) -> RegisterInput:
    given = {"email": "b@example.com", "name": "Bea", "password": PASSWORD, "tenant_id": "acme"}
    return RegisterInput(**{**given, **changes})


def members(**changes: Any) -> Table:
    """A host's table with columns of its profile."""
    table = users_table(MetaData(), "members")
    columns = {
        "company": Column("company", String(10), nullable=False),
        "address": Column("address", JSON),
        "born": Column("born", Date),
        "referral": Column("referral", Text),
    }
    for column in (columns | changes).values():
        if column is not None:
            table.append_column(column)
    return table


async def test_a_profile_is_kept_in_columns_of_the_hosts(
    face: Callable[[AuthEngine], ASGIApp], tmp_path: Path
) -> None:
    """A host that follows the guide could store nothing beside the account."""
    database, table = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/app.db"), members()
    async with database.begin() as connection:
        await connection.run_sync(table.metadata.create_all)
    users = SqlAlchemyUserRepository(async_sessionmaker(database), table=table, profile=Profile)
    engine = AuthEngine(settings(), users=users, stores=EmbeddedStores(), profile=Profile)
    async with engine:
        driver = Driver(face(engine))
        long = await register(driver, profile=BEA | {"company": "x" * 11})
        assert (long.status, long.fields) == (400, ["profile.company"])
        made = await register(driver, profile=BEA)
        me = await driver.call("GET", "/me", cookies=made.cookies)
        assert me.members["profile"] == {name: BEA[name] for name in ("company", "address", "born")}
        kept = await users.find_by_email("bea@example.com", tenant_id="acme")
        assert kept is not None
        assert kept.profile == Profile.model_validate(BEA)
        async with database.begin() as connection:
            await connection.execute(update(table).values(company="x" * 30))
        assert (await driver.call("GET", "/me", cookies=made.cookies)).members["profile"] is None
    await database.dispose()


class Fragile(BaseModel):
    text: str = ""

    @model_validator(mode="before")
    @classmethod
    def _unpacked(cls, given: Any) -> Any:
        return {"text": given["inner"]["text"]}


@pytest.mark.parametrize(
    ("model", "profile"),
    [
        (Optional, {"nickname": "\ud800"}),
        (Nicknames, {"nicknames": ["\ud800"]}),
        (Fragile, {}),
        (Fragile, {"inner": None}),
    ],
)
async def test_what_a_validator_did_not_expect_is_refused(
    face: Callable[[AuthEngine], ASGIApp], model: type[BaseModel], profile: object
) -> None:
    """A stranger makes errors at will, or an account whose owner cannot read it."""
    async with an_engine(model) as engine:
        refused = await register(Driver(face(engine)), profile=profile)
        assert (refused.status, refused.code, refused.fields) == (400, "auth.validation", ["profile"])


async def test_a_model_that_refuses_its_own_defaults_is_required(
    face: Callable[[AuthEngine], ASGIApp],
) -> None:
    """A person cannot see which field is wrong."""
    async with an_engine(Fragile) as engine:
        refused = await register(Driver(face(engine)))
    assert (refused.status, refused.fields) == (400, ["profile"])


def test_a_table_without_the_profiles_columns_is_refused() -> None:
    """The first registration of a deployment fails."""

    class Clashing(Profile):
        model_config = ConfigDict(extra="allow")

        role: str = ""

    with pytest.raises(ValueError, match="members does not fit AuthUser") as caught:
        SqlAlchemyUserRepository(async_sessionmaker(), table=members(company=None), profile=Clashing)
    assert "company is missing, and the profile has it" in str(caught.value)
    assert "role is a field of the account, and of the profile" in str(caught.value)
    assert "profile has extra='allow', and further fields have no column" in str(caught.value)
    with pytest.raises(
        ValueError, match="company is NOT NULL, has no default, and is no field of an account"
    ):
        SqlAlchemyUserRepository(async_sessionmaker(), table=members())


async def test_a_hosts_test_builds_an_engine_with_its_profile() -> None:
    """A host could not test its own registration with the kit."""
    async with build_engine(profile=Optional) as ready:
        made = await ready.engine.register(applicant(profile=Optional(nickname="B")), RequestContext())
        kept = await ready.users.find_by_id(made.user.id, tenant_id="acme")
        assert kept is not None
        assert kept.profile == Optional(nickname="B")


async def test_an_invited_person_gives_a_profile(face: Callable[[AuthEngine], ASGIApp]) -> None:
    """Whoever was invited would lack what the host needs of everybody."""
    async with an_engine(Profile) as engine:
        engine.users.add(user(id="boss", email="boss@example.com", role="ADMIN"))
        mailer = engine.email
        driver = Driver(face(engine))
        login = {"email": "boss@example.com", "password": PASSWORD, "tenantId": "acme"}
        cookies = (await driver.call("POST", "/login", json_body=login)).cookies
        wanted = {"email": "bea@example.com", "role": "MEMBER"}
        invited = await driver.call("POST", "/invitations", json_body=wanted, cookies=cookies)
        assert invited.status == 204
        await engine.drain()
        body = {"token": mailer.last("invitation").code, "name": "Bea", "password": PASSWORD}
        for profile, fields in ((None, ["profile"]), ({"company": 5}, ["profile.company"])):
            given = body if profile is None else {**body, "profile": profile}
            refused = await driver.call("POST", "/invitations/accept", json_body=given)
            assert (refused.status, refused.fields) == (400, fields)
        joined = await driver.call("POST", "/invitations/accept", json_body={**body, "profile": BEA})
        assert joined.status == 201, joined.body
        me = await driver.call("GET", "/me", cookies=joined.cookies)
        assert me.members["profile"] == {name: BEA[name] for name in ("company", "address", "born")}
        assert "profile" not in str(joined.members)
        fragment: Any = openapi_fragment(engine, HTTP)
    accept = fragment["components"]["schemas"]["BymaxAuthAcceptInvitationRequest"]
    assert accept["properties"]["profile"] == {"$ref": "#/components/schemas/BymaxAuthProfileInput"}
