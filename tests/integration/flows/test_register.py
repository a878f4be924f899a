"""Registering: a new account, its first session and its verification code."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bymax_auth.errors import (
    EmailAlreadyExists,
    EmailNotVerified,
    Forbidden,
    PasswordCompromised,
    RepositoryValueRefused,
    StoreUnavailable,
    ValidationFailed,
)
from bymax_auth.ports.events import InternalFailure, RegisterSucceeded
from bymax_auth.ports.hooks import Allow, AuthHooks, RegisterOverrides, Reject
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.types.account import AuthUser, CreateUserData
from bymax_auth.types.inputs import LoginInput, RegisterInput
from bymax_auth.types.results import AccountCreated, AuthResult
from tests.integration.flows.world import CONTEXT, EMAIL, NEW_PASSWORD, TENANT, World

NEWCOMER = "Bea@Example.com"


def applicant(**changes: Any) -> RegisterInput:
    given = {"email": NEWCOMER, "name": "Bea", "password": NEW_PASSWORD, "tenant_id": TENANT}
    return RegisterInput(**{**given, **changes})


async def test_a_newcomer_is_signed_in_and_sent_a_code(world: World) -> None:
    """Somebody who registers must land in the application, told to look into the inbox."""
    result = await world.engine.register(applicant(), CONTEXT)
    await world.engine.drain()
    user = result.user
    assert (user.email, user.name, user.role, user.status) == ("bea@example.com", "Bea", "USER", "pending")
    assert user.email_verified is False
    claims = (await world.engine.authenticate(result.access_token)).claims
    assert claims.mfa_verified is False
    mail = world.mail.last("email_verification_otp", to="bea@example.com")
    assert len(mail.code) == 6
    assert world.events.last(RegisterSucceeded).user_id == user.id
    assert world.hooks.names == ["before_register", "after_register"]
    [(told, context)] = world.hooks.of("after_register")
    assert (told.id, context.user_id, context.tenant_id) == (user.id, user.id, TENANT)


@pytest.mark.parametrize("times", [1, 2])
async def test_a_newcomer_whose_id_had_an_epoch_is_signed_in_with_it(world: World, times: int) -> None:
    """A database that gives the id of a deleted account again would let nobody register."""
    left = times

    async def end(_number: int, name: str) -> None:
        nonlocal left
        if name == "sessions.create" and left > 0:
            left -= 1
            user = await world.users.find_by_email(NEWCOMER, tenant_id=TENANT)
            assert user is not None
            await world.engine.revoke_all_sessions(user.id, tenant_id=TENANT)

    world.trace.before = end
    result = await world.engine.register(applicant(), CONTEXT)
    if times == 1:
        await world.engine.authenticate(result.access_token)
    else:  # somebody ends sessions again and again
        assert isinstance(result, AccountCreated)


async def test_a_newcomer_whose_password_was_replaced_meanwhile_gets_no_session(world: World) -> None:
    """Whoever has proven the address since would share the account with whoever registered it."""

    async def reset(_number: int, name: str) -> None:
        if name == "sessions.create":
            world.trace.before = None
            user = await world.users.find_by_email(NEWCOMER, tenant_id=TENANT)
            assert user is not None
            await world.users.update_password(user.id, "$another", tenant_id=TENANT)
            await world.engine.revoke_all_sessions(user.id, tenant_id=TENANT)

    world.trace.before = reset
    assert isinstance(await world.engine.register(applicant(), CONTEXT), AccountCreated)


@pytest.mark.parametrize(
    ("change", "role"), [({"status": "BANNED"}, None), ({"role": "ADMIN"}, "ADMIN"), ({}, "USER")]
)
async def test_a_newcomer_who_was_changed_meanwhile_is_who_the_account_is_now(
    world: World, change: dict[str, str], role: str | None
) -> None:
    """An administrator blocks an account, or takes its role, and its first session begins all the same."""

    async def changed(_number: int, name: str) -> None:
        if name == "sessions.create":
            world.trace.before = None
            user = await world.users.find_by_email(NEWCOMER, tenant_id=TENANT)
            assert user is not None
            world.users.replace(replace(user, **change))
            await world.engine.revoke_all_sessions(user.id, tenant_id=TENANT)

    world.trace.before = changed
    result = await world.engine.register(applicant(), CONTEXT)
    if role is None:
        assert isinstance(result, AccountCreated)
        assert result.user.status == "BANNED"
    else:
        assert isinstance(result, AuthResult)
        signed_in = await world.engine.authenticate(result.access_token)
        assert result.user.role == signed_in.claims.role == role


async def test_a_newcomer_stays_unverified_until_the_code_is_given(world: World) -> None:
    """A session from registering must not last beyond the first access token without proof."""
    result = await world.engine.register(applicant(), CONTEXT)
    with pytest.raises(EmailNotVerified):
        await world.engine.refresh(result.refresh_token, CONTEXT)
    await world.engine.drain()
    code = world.mail.last("email_verification_otp").code
    await world.engine.verify_email(tenant_id=TENANT, email=NEWCOMER, otp=code, context=CONTEXT)
    await world.engine.refresh(result.refresh_token, CONTEXT)


async def test_without_verification_no_code_is_sent(worlds: Any) -> None:
    """A host that does not verify addresses must not confuse people with codes."""
    world = worlds(email_verification={"required": False})
    result = await world.engine.register(applicant(), CONTEXT)
    await world.engine.drain()
    assert world.mail.sent == []
    assert world.trace.count("otps.put") == 0
    await world.engine.refresh(result.refresh_token, CONTEXT)


SECURE = {"registration": {"session": "verified"}}


@pytest.mark.parametrize("session", ["always", "verified"])
@pytest.mark.parametrize("required", [True, False])
async def test_a_blocked_account_is_created_without_a_session(
    worlds: Any, session: str, required: bool
) -> None:
    """Somebody who waits for approval must not be inside the application already."""
    world = worlds(
        hooks=_Registrar(Allow(RegisterOverrides(status="Pending_Approval"))),
        blocked_statuses=("PENDING_APPROVAL",),
        registration={"session": session},
        email_verification={"required": required},
    )
    result = await world.engine.register(applicant(), CONTEXT)
    await world.engine.drain()
    assert isinstance(result, AccountCreated)
    assert (result.user.email, result.user.status) == ("bea@example.com", "Pending_Approval")
    assert world.trace.count("sessions.create") == 0
    assert [mail.kind for mail in world.mail.sent] == ["email_verification_otp"] * required
    assert world.events.last(RegisterSucceeded).user_id == result.user.id


async def test_an_unverified_account_has_no_session_where_one_needs_a_proven_address(worlds: Any) -> None:
    """Whoever registers with another's address must not act under it, not even until the first refresh."""
    world = worlds(**SECURE)
    result = await world.engine.register(applicant(), CONTEXT)
    await world.engine.drain()
    assert isinstance(result, AccountCreated)
    assert world.trace.count("sessions.create") == 0
    assert world.hooks.names == ["before_register", "after_register"]
    credentials = LoginInput(email=NEWCOMER, password=NEW_PASSWORD, tenant_id=TENANT)
    with pytest.raises(EmailNotVerified):
        await world.engine.login(credentials, CONTEXT)
    code = world.mail.last("email_verification_otp").code
    await world.engine.verify_email(tenant_id=TENANT, email=NEWCOMER, otp=code, context=CONTEXT)
    await world.engine.login(credentials, CONTEXT)


async def test_where_no_address_is_verified_every_registration_signs_in(worlds: Any) -> None:
    """A host that never mails a code must not keep everybody out."""
    world = worlds(**SECURE, email_verification={"required": False})
    assert isinstance(await world.engine.register(applicant(), CONTEXT), AuthResult)


async def test_neither_registering_nor_verifying_alerts_the_owner(worlds: Any) -> None:
    """The first mail must not warn about the session in which its reader has just chosen the password."""
    world = worlds(sessions={"enabled": True, "new_session_alerts": True})
    await world.engine.register(applicant(), CONTEXT)
    await world.engine.drain()
    code = world.mail.last("email_verification_otp").code
    await world.engine.verify_email(tenant_id=TENANT, email=NEWCOMER, otp=code, context=CONTEXT)
    await world.engine.drain()
    assert [mail.kind for mail in world.mail.sent] == ["email_verification_otp"]
    assert len(world.hooks.of("on_new_session")) == 1
    credentials = LoginInput(email=NEWCOMER, password=NEW_PASSWORD, tenant_id=TENANT)
    await world.engine.login(credentials, CONTEXT)
    await world.engine.drain()
    assert world.mail.last().kind == "new_session_alert"


async def test_a_taken_address_is_refused_at_the_same_cost(world: World) -> None:
    """Nobody may own two accounts with one address, and trying must not be a cheap way to ask."""
    with pytest.raises(EmailAlreadyExists):
        await world.engine.register(applicant(email=f" {EMAIL.upper()} ", password="eight ch"), CONTEXT)
    assert world.trace.count("users.create", "sessions.create") == 0
    await world.engine.register(applicant(email=EMAIL, tenant_id="another tenant"), CONTEXT)


async def test_of_two_simultaneous_registrations_one_succeeds(world: World) -> None:
    """A double click must not create two accounts, nor fail with an internal error."""
    outcomes = await asyncio.gather(
        *(world.engine.register(applicant(), CONTEXT) for _ in range(2)), return_exceptions=True
    )
    assert sum(isinstance(outcome, EmailAlreadyExists) for outcome in outcomes) == 1
    assert world.trace.count("sessions.create") == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "e" * 256}, "email"),
        ({"name": "B"}, "name"),
        ({"name": "B" * 129}, "name"),
        ({"name": "Be\x00a"}, "name"),
        ({"password": "a" * 7}, "password"),
        ({"password": "correct horse"}, "password"),
        ({"password": "p" * 129}, "password"),
        ({"tenant_id": None}, "tenantId"),
        ({"tenant_id": " "}, "tenantId"),
        ({"tenant_id": "t" * 129}, "tenantId"),
    ],
)
async def test_a_broken_bound_is_named(world: World, change: dict[str, Any], field: str) -> None:
    """A client must be able to show the error beside the right box."""
    with pytest.raises(ValidationFailed) as refusal:
        await world.engine.register(applicant(**change), CONTEXT)
    assert [error.field for error in refusal.value.fields] == [field]
    assert world.trace.count("users.create") == 0


async def test_a_common_password_is_refused(world: World) -> None:
    """A password that everybody tries first protects nothing."""
    with pytest.raises(PasswordCompromised):
        await world.engine.register(applicant(password="Passwordpassword1!"), CONTEXT)
    assert world.trace.count("users.create") == 0


class _Registrar(AuthHooks):
    def __init__(self, decision: Any) -> None:
        self.decision = decision

    async def before_register(self, attempt: Any, context: Any) -> Any:
        if isinstance(self.decision, Exception):
            raise self.decision
        return self.decision


@pytest.mark.parametrize("decision", [Reject("no more seats"), RuntimeError("broken"), None])
async def test_a_hook_may_refuse(worlds: Any, decision: Any) -> None:
    """A host that closes registration must be obeyed, also when its hook is broken."""
    world = worlds(hooks=_Registrar(decision))
    with pytest.raises(Forbidden):
        await world.engine.register(applicant(), CONTEXT)
    assert world.trace.calls == []


@pytest.mark.parametrize("required", [True, False])
async def test_a_hook_may_choose_what_the_account_is(worlds: Any, required: bool) -> None:
    """A host decides roles; what only a mailbox can prove stays unproven while that is required."""
    overrides = RegisterOverrides(role="ADMIN", status="ACTIVE", email_verified=True)
    world = worlds(hooks=_Registrar(Allow(overrides)), email_verification={"required": required})
    user = (await world.engine.register(applicant(), CONTEXT)).user
    assert (user.role, user.status, user.email_verified) == ("ADMIN", "ACTIVE", not required)


async def test_a_code_that_cannot_be_stored_does_not_undo_the_account(world: World) -> None:
    """Somebody whose account exists must not be told that it does not; a resend helps later."""

    async def fail(_number: int, name: str) -> None:
        if name == "otps.put":
            raise StoreUnavailable

    world.trace.before = fail
    result = await world.engine.register(applicant(), CONTEXT)
    await world.engine.drain()
    assert result.user.email == "bea@example.com"
    assert world.events.last(InternalFailure).origin == "register.send_code"
    assert world.mail.sent == []


async def test_a_mail_that_cannot_be_sent_does_not_undo_the_account(world: World) -> None:
    """The mail server's bad day must not lose a customer."""
    world.mail.failure = OSError("connection refused")
    await world.engine.register(applicant(), CONTEXT)
    await world.engine.drain()
    assert "detached.failed" in world.events.names


@pytest.mark.parametrize(
    ("field", "outcome"), [("name", ValidationFailed), ("status", RepositoryValueRefused)]
)
async def test_only_what_the_client_sent_is_the_clients_mistake(
    worlds: Any, field: str, outcome: type[Exception]
) -> None:
    """Somebody is told to correct a field that does not exist, or an error of the host's is hidden."""

    class Narrow(InMemoryUserRepository):
        """A repository that cannot hold a value."""

        async def create(self, data: CreateUserData) -> AuthUser:
            raise RepositoryValueRefused(field, "must be at most 3 characters")

    world = worlds(users=lambda _rows: Narrow())
    with pytest.raises(outcome) as refusal:
        await world.engine.register(applicant(), CONTEXT)
    if isinstance(refusal.value, ValidationFailed):
        assert [(one.field, one.message) for one in refusal.value.fields] == [
            (field, "must be at most 3 characters")
        ]
