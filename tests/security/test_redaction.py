"""Nothing that holds a credential shows it, in any way of printing there is (I-36)."""

import copy
import dataclasses
import json
import pickle
import pprint
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from bymax_auth.config import AuthConfig
from bymax_auth.config.resolved import resolve_config
from bymax_auth.crypto.aead import AesGcmBox
from bymax_auth.crypto.digest import KeyedDigest
from bymax_auth.jwt.keys import KeyRing
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput
from bymax_auth.types.secret import Secret
from tests.security.credential_types import PLANTED, CredentialType, credential_types

SHOWN = {
    "client.results.OwnUser": "what an owner wrote about themselves, as their name is",
    "config.problems.ConfigProblem": "the code of a problem",
    "crypto.password.imported.derivations.Pbkdf2Hash": "the name of a hash function",
    "http.routes.credentials.Credentials": "the names of schemes in the OpenAPI document",
    "ports.attempts.CounterId": "a keyed digest that names a counter",
    "ports.one_time.OtpId": "a keyed digest that names a record",
    "ports.invitations.InviteeId": "keyed digests that name a record",
    "providers.catalogue.DefaultAuthEmailCatalogue": "the host's address of a page, without a token",
    "providers.oauth.metadata.ProviderMetadata": "the address of an endpoint that everybody can read",
    "providers.oauth.oauth2.OAuth2Service": "the address of an endpoint that everybody can read",
    "types.account.OwnAccount": "what an owner wrote about themselves, as their name is",
    "types.claims.DashboardClaims": "the id of a token, which opens nothing",
    "types.claims.TicketClaims": "the id of a token, which opens nothing",
    "types.claims.PlatformClaims": "the id of a token, which opens nothing",
    "types.claims.MfaTempClaims": "the id of a token, which opens nothing",
    "types.identity.Subject": "a keyed digest that names an account",
    "types.session.SessionInfo": "the first eight digits of a digest",
}
"""Types with a field that is named like a credential and is none."""

TYPES = [pytest.param(found, id=found.name) for found in credential_types() if found.name not in SHOWN]


def config() -> AuthConfig:
    secrets: dict[str, Any] = {"jwt": {"secret": PLANTED}, "identifier_secret": PLANTED}
    return AuthConfig.nest_compat_defaults(**secrets, roles={"hierarchy": {"USER": ()}})


def traceback_with(value: object) -> str:
    """What an error reporter that collects local variables would send away."""

    def failing(held: object) -> None:
        kept = {"held": held}
        raise RuntimeError(f"failed with {len(kept)}")

    try:
        failing(value)
    except RuntimeError as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    raise AssertionError


PRINTED: dict[str, Callable[[Any], str]] = {
    "repr": repr,
    "str": str,
    "ascii": ascii,
    "format": format,
    "percent": lambda value: f"{value} {value!s} {value!r}",
    "inside a list": lambda value: repr([{"value": (value,)}]),
    "pprint": pprint.pformat,
    "as an exception's argument": lambda value: f"{ValueError(value)} {ValueError(value)!r}",
    "in a traceback with locals": traceback_with,
    "as a key error": lambda value: str(KeyError(repr(value))),
}

KEEPERS: dict[str, Callable[[], Any]] = {
    "Secret": lambda: Secret(PLANTED),
    "KeyRing": lambda: KeyRing(Secret(PLANTED), (Secret(PLANTED + "2"),)),
    "KeyedDigest": lambda: KeyedDigest(PLANTED.encode()),
    "AesGcmBox": lambda: AesGcmBox(PLANTED.encode()[:32]),
    "Identifiers": lambda: Identifiers.of_key(PLANTED.encode()),
    "AuthConfig": config,
    "ResolvedConfig": lambda: resolve_config(config()),
}
"""What keeps a secret for the life of the process; nobody needs a copy of one."""


def test_the_walk_finds_what_it_must() -> None:
    """A walk that misses a type would protect nothing that is added to it."""
    found = {one.name for one in credential_types()}
    assert {
        "types.inputs.LoginInput",
        "types.results.AuthResult",
        "types.account.AuthUser",
        "http.schemas.auth.LoginRequest",
        "config.credentials.JwtConfig",
        "config.resolved.ResolvedConfig",
        "flows.login._SignIn",
    } <= found
    assert set(SHOWN) <= found, "an exception that nothing needs hides the next mistake"


@pytest.mark.parametrize("printed", PRINTED)
@pytest.mark.parametrize("kind", TYPES)
def test_no_way_of_printing_shows_a_credential(kind: CredentialType, printed: str) -> None:
    """A password would reach a log, an error reporter or a debugger's screenshot."""
    text = PRINTED[printed](kind.instance())
    assert PLANTED not in text


def test_a_type_that_shows_its_credential_is_noticed() -> None:
    """The test above must be able to fail."""
    held = dataclasses.make_dataclass("Careless", [("password", str)])
    kind = CredentialType(held, {"password": str})
    assert all(PLANTED in show(kind.instance()) for show in PRINTED.values())


@pytest.mark.parametrize("name", KEEPERS)
def test_what_keeps_a_secret_shows_it_in_no_form(name: str) -> None:
    """Keys would travel with a pickled job, a cached copy or a JSON dump."""
    keeper = KEEPERS[name]()
    for show in PRINTED.values():
        assert PLANTED[:32] not in show(keeper)
    for leave in (pickle.dumps, json.dumps, copy.deepcopy, as_dictionary, as_json):
        try:
            left = leave(keeper)
        except (TypeError, ValueError, RuntimeError, AttributeError):
            continue  # it refuses
        assert PLANTED.encode()[:32] not in (left if isinstance(left, bytes) else repr(left).encode())


@pytest.mark.parametrize("leave", [pickle.dumps, json.dumps, copy.copy, copy.deepcopy, vars])
def test_a_secret_does_not_leave_by_itself(leave: Callable[[Any], object]) -> None:
    """The text of a secret is given to whoever asks for it by name, and to nothing else."""
    with pytest.raises(TypeError) as refused:
        leave(Secret(PLANTED))
    assert PLANTED not in str(refused.value)


@pytest.mark.parametrize("kind", [kind for kind in TYPES if issubclass(kind.values[0].type, BaseModel)])
def test_a_refused_value_is_not_in_the_refusal(kind: Any) -> None:
    """Pydantic prints what it refuses unless it is told not to."""
    refusals: list[str] = []
    for name in kind.fields:
        for wrong in ([[PLANTED]], {"planted": PLANTED}, PLANTED.encode()):
            try:
                kind.type.model_validate({name: wrong})
            except ValidationError as refused:
                refusals.append(f"{refused} {refused!r}")
    assert refusals
    assert all(PLANTED not in refusal for refusal in refusals)


async def test_a_failed_sign_in_leaves_no_password_in_its_frames_types() -> None:
    """The input and the flow's own record of it are what an error reporter meets in every frame."""
    credentials = LoginInput(email="ada@example.com", password=PLANTED, tenant_id="acme")
    assert PLANTED not in traceback_with([credentials, RequestContext(sanitized_headers={})])
    assert credentials.password == PLANTED


def as_dictionary(value: Any) -> object:
    return value.model_dump() if isinstance(value, BaseModel) else dataclasses.asdict(value)


def as_json(value: Any) -> bytes:
    return TypeAdapter(type(value)).dump_json(value)
