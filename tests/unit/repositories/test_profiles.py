"""The columns of a host's profile: each type of a field is read as it was written."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    Json,
    Secret,
    SecretStr,
    computed_field,
    field_validator,
)
from sqlalchemy import JSON, Column, Enum, MetaData, PickleType, String
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.types import TypeEngine

from bymax_auth.errors import RepositoryValueRefused
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository, users_table
from bymax_auth.types.account import CreateUserData


class Place(BaseModel):
    model_config = ConfigDict(strict=True)

    town: str = Field(alias="townName")
    since: Annotated[date, Field(strict=False)]


class Stamp:
    """A class of the host that is no model."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stamp)

    def __hash__(self) -> int:
        return 0


class Parcel(BaseModel):
    """Fields whose column holds another type than Python has, or whose client uses another name."""

    home: Annotated[Place, Field(validation_alias=AliasChoices("home", "house"))]
    further: list[Place] = []
    labels: dict[str, Place] = {}
    corner: tuple[int, int] = (0, 0)
    tags: set[str] = set()
    page: HttpUrl | None = None
    price: Decimal = Decimal("1.50")
    hint: SecretStr = SecretStr("cold")
    stamp: Stamp = Field(default_factory=Stamp, exclude=True)
    number: str = "+1"

    model_config = ConfigDict(arbitrary_types_allowed=True)

    @field_validator("number")
    @classmethod
    def _with_plus(cls, number: str) -> str:
        if number.startswith("+"):
            raise ValueError("without the plus")
        return f"+{number}"


async def test_every_type_of_a_profile_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A person's registration fails, or the profile that was accepted is gone at the first request."""
    columns: dict[str, TypeEngine[Any]] = {
        name: JSON() for name in ("home", "further", "labels", "corner", "tags")
    }
    columns |= {name: String(40) for name in ("page", "price", "hint", "number")}
    columns["stamp"] = PickleType()
    place = {"townName": "Lisbon", "since": "1990-02-03"}
    sent = {
        "house": place,
        "further": [place],
        "labels": {"a": place},
        "corner": [1, 2],
        "tags": ["x"],
        "page": "https://example.com/",
        "price": "2.25",
        "hint": "warm",
        "number": "351",
    }
    profile = Parcel.model_validate(sent)
    assert await kept(tmp_path, profile, columns) == profile


async def kept(place: Path, profile: BaseModel, columns: Mapping[str, TypeEngine[Any]]) -> BaseModel | None:
    """Return what the repository reads of a profile that it has written."""
    database, table = create_async_engine(f"sqlite+aiosqlite:///{place}/a.db"), users_table(MetaData(), "m")
    for name, kind in columns.items():
        table.append_column(Column(name, kind))
    try:
        async with database.begin() as connection:
            await connection.run_sync(table.metadata.create_all)
        users = SqlAlchemyUserRepository(async_sessionmaker(database), table=table, profile=type(profile))
        await users.create(
            CreateUserData(
                email="b@example.com", name="Bea", password_hash="h", tenant_id="t", profile=profile
            )
        )
        account = await users.find_by_email("b@example.com", tenant_id="t")
    finally:
        await database.dispose()
    assert account is not None
    return account.profile


class Badge(BaseModel):
    """One field's alias is the name of another."""

    label: str = Field(alias="nick")
    nick: str = Field(alias="handle")
    given: Annotated[str, Field(validation_alias=AliasChoices("first", "family"))]
    family: str


async def test_an_alias_is_no_name_of_another_field(tmp_path: Path) -> None:
    """A person's name changes into another of their fields between two requests."""
    profile = Badge.model_validate({"nick": "N", "handle": "H", "first": "G", "family": "F"})
    columns = {name: String(9) for name in Badge.model_fields}
    assert await kept(tmp_path, profile, columns) == profile


class Room(BaseModel):
    model_config = ConfigDict(extra="forbid")

    width: int
    depth: int

    @computed_field
    def area(self) -> int:
        return self.width * self.depth


class House(BaseModel):
    """Fields that are shown in another form than they are taken."""

    hall: Room
    settings: Json[dict[str, int]]
    layout: Json[list[str]]


async def test_what_a_field_only_shows_is_not_stored(tmp_path: Path) -> None:
    """A person's registration fails, or the profile that was accepted is gone at the first request."""
    sent = {"hall": {"width": 2, "depth": 3}, "settings": '{"a": 1}', "layout": '["b"]'}
    profile = House.model_validate(sent)
    columns: dict[str, TypeEngine[Any]] = {"hall": JSON(), "settings": JSON(), "layout": String(40)}
    assert await kept(tmp_path, profile, columns) == profile


class Vault(BaseModel):
    code: Secret[str]
    opened: Secret[date]
    rooms: Secret[list[int]]


async def test_a_secret_of_any_type_is_stored(tmp_path: Path) -> None:
    """A person's value becomes asterisks, and nobody notices before it is needed."""
    profile = Vault.model_validate({"code": "abc", "opened": "1990-02-03", "rooms": [1, 2]})
    columns: dict[str, TypeEngine[Any]] = {"code": String(40), "opened": String(40), "rooms": JSON()}
    assert await kept(tmp_path, profile, columns) == profile


class Size(StrEnum):
    S = "small"
    XL = "extra large"


class Shirt(BaseModel):
    size: Size
    fit: Size


async def test_an_enumeration_is_measured_by_its_column(tmp_path: Path) -> None:
    """A value that the column has is refused as too long for the longest name of a member."""
    profile = Shirt(size=Size.XL, fit=Size.S)
    columns: dict[str, TypeEngine[Any]] = {"size": Enum(Size), "fit": Enum("small", "tall", name="fit")}
    assert await kept(tmp_path, profile, columns) == profile


class Order(BaseModel):
    grade: str


@pytest.mark.parametrize("grade", ["c", "unknown"])
async def test_a_value_that_an_enumeration_lacks_is_refused(tmp_path: Path, grade: str) -> None:
    """What a person sent is answered as a failure of the server."""
    with pytest.raises(RepositoryValueRefused):
        await kept(tmp_path, Order(grade=grade), {"grade": Enum("a", "b", name="grade")})
