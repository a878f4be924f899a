"""The access and refresh token of a session."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from functools import partial
from typing import Any

import pytest

from bymax_auth.crypto.tokens import is_opaque_token
from bymax_auth.errors import ExtraClaimsFailed, TokenExpired, TokenInvalid
from bymax_auth.jwt.keys import KeyRing
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.opaque_tokens import mint_opaque_token, opaque_token_ref
from bymax_auth.services.realm import RealmPolicy, dashboard_policy, platform_policy
from bymax_auth.services.tokens import AccessTokens, ExtraClaimsReader, SuccessorTokens
from bymax_auth.testing import FakeClock
from bymax_auth.types.account import AuthUser
from bymax_auth.types.claims import DashboardClaims, PlatformClaims
from bymax_auth.types.identity import KeyLayout, Realm
from bymax_auth.types.secret import Secret
from tests.unit.services.parts import SECRET, admin, resolved, user

DASHBOARD = dashboard_policy(resolved())
PLATFORM = platform_policy(resolved())
KEYS = KeyRing(Secret(SECRET))
LIFETIME = timedelta(minutes=15)


def tokens(clock: FakeClock, policy: RealmPolicy = DASHBOARD, issuer: str | None = None) -> AccessTokens:
    return AccessTokens(policy, KEYS, clock, LIFETIME, issuer, issuer)


def test_a_users_token_says_who_and_for_how_long(clock: FakeClock) -> None:
    """Guards decide by it."""
    claims = tokens(clock).verify(tokens(clock).issue(user(), epoch=7, mfa_verified=True))

    assert isinstance(claims, DashboardClaims)
    now = int(clock.now().timestamp())
    assert claims.model_dump(by_alias=False, exclude={"jti"}) == {
        "sub": "u1",
        "tenant_id": "acme",
        "role": "ADMIN",
        "type": "dashboard",
        "status": "ACTIVE",
        "mfa_enabled": False,
        "mfa_verified": True,
        "iat": now,
        "exp": now + 900,
        "epoch": 7,
        "iss": None,
        "aud": None,
        "ext": {},
    }


def test_an_operators_token_names_no_tenant(clock: FakeClock) -> None:
    """It must never pass for a user's."""
    claims = tokens(clock, PLATFORM).verify(
        tokens(clock, PLATFORM).issue(admin(mfa_enabled=True), epoch=0, mfa_verified=False)
    )

    assert isinstance(claims, PlatformClaims)
    assert (claims.sub, claims.role, claims.mfa_enabled, claims.mfa_verified) == (
        "a1",
        "OPERATOR",
        True,
        False,
    )


class Rank(str, Enum):  # noqa: UP042 - older, and not formatted as its value
    """Roles as many hosts' models declare them."""

    ADMIN = "ADMIN"


def test_a_role_of_an_enumeration_is_its_value(clock: FakeClock) -> None:
    """A text made of the member would name a role that nobody has."""
    claims = tokens(clock).verify(tokens(clock).issue(user(role=Rank.ADMIN), epoch=0, mfa_verified=False))
    assert claims.role == "ADMIN"

    operator = tokens(clock, PLATFORM)
    token = operator.issue(admin(role=Rank.ADMIN), epoch=0, mfa_verified=False)
    assert operator.verify(token).role == "ADMIN"


@pytest.mark.parametrize(
    "wrong", [{"role": None}, {"role": 1}, {"status": None}, {"mfa_enabled": None}], ids=str
)
def test_no_token_is_signed_of_an_account_that_lacks_what_it_says(
    clock: FakeClock, wrong: dict[str, Any]
) -> None:
    """A repository that returns no role would make everybody a member of the role "None"."""
    with pytest.raises(ValueError, match="validation error"):
        tokens(clock).issue(user(**wrong), epoch=0, mfa_verified=False)


def test_a_rotated_token_says_what_the_rotation_says(clock: FakeClock) -> None:
    """A demoted user must not keep the role of the sign-in, nor a status that nobody read."""
    token = tokens(clock).issue(user(), epoch=0, mfa_verified=False, status="", role="USER")
    claims = tokens(clock).verify(token)

    assert isinstance(claims, DashboardClaims)
    assert (claims.status, claims.role) == ("", "USER")
    operator = tokens(clock, PLATFORM)
    assert operator.verify(operator.issue(admin(), epoch=0, mfa_verified=False, role="X")).role == "X"


def test_every_token_has_an_id_of_its_own(clock: FakeClock) -> None:
    """Signing out one device by its token's id must not sign out another."""
    issued = {
        tokens(clock).verify(tokens(clock).issue(user(), epoch=0, mfa_verified=False)).jti for _ in "abc"
    }

    assert len(issued) == 3


@pytest.mark.parametrize(("here", "there"), [(DASHBOARD, PLATFORM), (PLATFORM, DASHBOARD)])
def test_a_token_of_the_other_realm_is_refused(
    clock: FakeClock, here: RealmPolicy, there: RealmPolicy
) -> None:
    """A user's token must not open the platform."""
    account = admin() if there is PLATFORM else user()
    token = tokens(clock, there).issue(account, epoch=0, mfa_verified=False)

    with pytest.raises(TokenInvalid):
        tokens(clock, here).verify(token)
    with pytest.raises(TokenInvalid):
        tokens(clock, here).verify_ignoring_expiry(token)


def test_a_token_that_is_over_is_good_for_signing_out_only(clock: FakeClock) -> None:
    """Someone who comes back after lunch must still be able to sign out."""
    token = tokens(clock).issue(user(), epoch=0, mfa_verified=False)
    clock.advance(LIFETIME)

    with pytest.raises(TokenExpired):
        tokens(clock).verify(token)
    assert tokens(clock).verify_ignoring_expiry(token).sub == "u1"


def test_a_configured_issuer_is_stamped_and_required(clock: FakeClock) -> None:
    """Two deployments that share a secret must not accept each other's tokens."""
    bound = tokens(clock, issuer="https://a.example")
    token = bound.issue(user(), epoch=0, mfa_verified=False)

    claims = bound.verify(token)
    assert (claims.iss, claims.aud) == ("https://a.example", "https://a.example")
    with pytest.raises(TokenInvalid):
        bound.verify(tokens(clock).issue(user(), epoch=0, mfa_verified=False))


def test_an_empty_issuer_is_none(clock: FakeClock) -> None:
    """An empty environment variable means that nothing was configured."""
    token = tokens(clock, issuer="").issue(user(), epoch=0, mfa_verified=False)

    assert tokens(clock).verify(token).iss is None


@pytest.mark.parametrize("layout", KeyLayout)
def test_a_token_is_found_again_by_its_text(identifiers: Identifiers, layout: KeyLayout) -> None:
    """Its session would otherwise be unreachable from its creation."""
    subject = identifiers.subject(Realm.DASHBOARD, "u1", "acme")
    token, ref = mint_opaque_token(layout, subject.route)

    assert is_opaque_token(token)
    assert opaque_token_ref(token, layout) == ref
    assert token not in repr(ref)
    assert mint_opaque_token(layout, subject.route)[0] != token


def test_a_tagged_token_leads_to_its_accounts_slot(identifiers: Identifiers) -> None:
    """A cluster finds the session only where the account's other keys are."""
    subject = identifiers.subject(Realm.DASHBOARD, "u1", "acme")
    token, ref = mint_opaque_token(KeyLayout.TAGGED, subject.route)

    assert token.startswith(subject.route)
    assert ref.route == subject.route
    assert mint_opaque_token(KeyLayout.SHARED, subject.route)[1].route is None


@pytest.mark.parametrize("layout", KeyLayout)
def test_a_successor_is_derived_from_its_token_alone(identifiers: Identifiers, layout: KeyLayout) -> None:
    """Each process would exchange the token for another one, and tabs would sign one another out."""
    subject = identifiers.subject(Realm.DASHBOARD, "u1", "acme")
    token, ref = mint_opaque_token(layout, subject.route)
    successor, successor_ref = SuccessorTokens.of_keys([b"key"]).of(token, ref)

    assert SuccessorTokens.of_keys([b"key"]).of(token, ref) == (successor, successor_ref)
    assert SuccessorTokens.of_keys([b"other"]).of(token, ref)[0] != successor != token
    assert opaque_token_ref(successor, layout) == successor_ref
    assert successor_ref.route == ref.route


def test_a_successor_is_recognised_by_every_configured_key(identifiers: Identifiers) -> None:
    """A rotated secret would sign out whoever was refreshing at that moment."""
    token, ref = mint_opaque_token(KeyLayout.TAGGED, identifiers.subject(Realm.PLATFORM, "a1", None).route)
    successor = SuccessorTokens.of_keys([b"old"]).of(token, ref)
    successors = SuccessorTokens.of_keys([b"new", b"old"])

    assert successors.recognise(token, ref, successor[1].hash) == successor
    assert successors.recognise(token, ref, "0" * 64) is None
    assert successors.of(token, ref) != successor


@pytest.mark.parametrize("raw", ["", "0" * 63, "0" * 65, "A" * 64, "0" * 63 + "\n", "é" * 64])
def test_what_cannot_be_a_token_has_no_name(raw: str) -> None:
    """Hashing whatever an attacker sends would let them choose how long it takes."""
    assert opaque_token_ref(raw, KeyLayout.SHARED) is None


def test_a_host_is_asked_for_claims_about_users_only(clock: FakeClock, failures: FailureReporter) -> None:
    """A host's function that expects a tenant would keep every operator out."""

    def tier(user: AuthUser) -> dict[str, object]:
        return {"tenant": user.tenant_id}

    reader = ExtraClaimsReader(tier, failures)
    assert dict(replace(tokens(clock), extra=reader).ext_of(user())) == {"tenant": "acme"}
    assert dict(replace(tokens(clock, PLATFORM), extra=reader).ext_of(admin())) == {}
    assert dict(tokens(clock).ext_of(user())) == {}


def test_claims_are_refused_unless_a_token_with_the_greatest_epoch_holds_them(
    clock: FakeClock, failures: FailureReporter
) -> None:
    """A revocation would make the epoch a digit longer, and nobody could sign in to that account again."""
    reading = replace(tokens(clock), extra=ExtraClaimsReader(lambda _user: {"plan": "gold"}, failures))

    def holds(ask: Callable[[], Any], refusal: type[Exception]) -> bool:
        try:
            ask()
        except refusal:
            return False
        return True

    ext = reading.ext_of(user())
    people = [user(role="r" * length) for length in range(2_600, 2_800)]
    accepted = [holds(partial(reading.ext_of, person), ExtraClaimsFailed) for person in people]
    issue = partial(reading.issue, epoch=2**53 - 1, mfa_verified=False, ext=ext)
    assert accepted == [holds(partial(issue, person), ValueError) for person in people]
    assert {*accepted} == {True, False}
