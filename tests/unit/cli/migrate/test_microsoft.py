"""People of Microsoft, as sources have stored them and as our provider names them."""

import pytest

from bymax_auth.cli.migrate.sources.microsoft import named_by_tenant, named_by_token
from tests.servers.scripted_provider import NONCE
from tests.unit.providers.oauth.sign_ins import tokens_with
from tests.unit.providers.oauth.test_microsoft import TENANT, provider, server_of

SUBJECT = "248289761001"
OBJECT = "48d31887-5fad-4d73-a9f5-3c356e68a038"


@pytest.mark.parametrize("stored", [SUBJECT, OBJECT])
async def test_a_stored_token_names_who_signs_in(stored: str) -> None:
    """A person who has moved would be a stranger to the provider of the same name."""
    server = server_of(TENANT)
    server.claims |= {"oid": OBJECT}
    token = server.id_token()
    person = await provider(server, TENANT).fetch_profile(tokens_with(token), nonce=NONCE)

    assert named_by_token(token, stored) == person.provider_id
    assert named_by_tenant(TENANT.upper(), SUBJECT) == person.provider_id


@pytest.mark.parametrize("token", [None, "", "a.b", "a.!.c", "a.W10.c", "a.e30.c", 7])
def test_a_token_that_does_not_tell_names_nobody(token: object) -> None:
    """Somebody else's identity would be written."""
    assert named_by_token(token, SUBJECT) is None


def test_a_token_of_somebody_else_names_nobody() -> None:
    """The account would be given to whom the token is about."""
    assert named_by_token(server_of(TENANT).id_token(), "another") is None
