"""Which profile a newcomer may send, where the host has a model and where it has none."""

from dataclasses import replace

import pytest
from pydantic import BaseModel

from bymax_auth.errors import ValidationFailed
from bymax_auth.services.new_accounts import NewAccounts
from tests.integration.flows.world import World


class Person(BaseModel):
    """A profile that a newcomer has to fill in."""

    city: str


class Optional(BaseModel):
    """A profile that a newcomer may leave out."""

    city: str = "Porto"


def of_model(world: World, model: type[BaseModel] | None) -> NewAccounts:
    return replace(world.engine.register.accounts, profile=model)


def message(accounts: NewAccounts, given: BaseModel | None) -> str:
    with pytest.raises(ValidationFailed) as refusal:
        accounts.profile_of(given)
    (error,) = refusal.value.fields
    return f"{error.field} {error.message}"


def test_a_profile_of_the_hosts_model_is_taken_as_it_is(world: World) -> None:
    """A newcomer's own answers would be lost."""
    given = Person(city="Lisbon")
    assert of_model(world, Person).profile_of(given) is given


def test_a_profile_is_made_of_its_defaults_where_it_has_them_all(world: World) -> None:
    """Nobody has to send what may be left out."""
    assert of_model(world, Optional).profile_of(None) == Optional(city="Porto")
    assert of_model(world, None).profile_of(None) is None


def test_a_profile_that_the_host_cannot_store_is_refused(world: World) -> None:
    """A newcomer's mistake would be a failure of the server."""
    assert message(of_model(world, Person), None) == "profile is required"
    assert message(of_model(world, Person), Optional()) == "profile is not valid"
    assert message(of_model(world, None), Person(city="Lisbon")) == "profile is not allowed"
