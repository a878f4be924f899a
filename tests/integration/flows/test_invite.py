"""Inviting an address, and withdrawing the invitation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.errors import (
    AccountBanned,
    AccountSuspended,
    InsufficientRole,
    InvalidInvitationToken,
    StoreUnavailable,
    TokenInvalid,
    ValidationFailed,
)
from bymax_auth.ports.events import (
    InvitationCreated,
    InvitationRevoked,
    InvitationRevokeOutranked,
)
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import AcceptInvitationInput
from bymax_auth.types.results import AuthResult
from tests.integration.flows.world import ANA, CONTEXT, EMAIL, NEW_PASSWORD, TENANT, World

GUEST = "guest@example.com"
OPTIONS: dict[str, Any] = {
    "invitations": {"enabled": True},
    "roles": {"hierarchy": {"ADMIN": ("MEMBER",), "MEMBER": (), "AUDITOR": ()}},
}
ADMIN = replace(ANA, id="boss", email="boss@example.com", name="Grace", role="ADMIN")


@pytest.fixture
def world(worlds: Callable[..., World]) -> World:
    """A deployment with a member, and an administrator who invites."""
    built = worlds(**OPTIONS)
    built.users.add(ADMIN)
    return built


async def invite_in_between(world: World, inviter: str = ADMIN.id, **changes: Any) -> None:
    """Invite while another flow runs, so without waiting for what runs in the background."""
    given = {"tenant_id": TENANT, "email": GUEST, "role": "MEMBER", "context": CONTEXT, **changes}
    await world.engine.invite(inviter, **given)


async def invite(world: World, inviter: str = ADMIN.id, **changes: Any) -> str:
    """The token of the mail."""
    world.mail.clear()
    await invite_in_between(world, inviter, **changes)
    await world.engine.drain()
    return world.mail.last("invitation").code


async def accepts(world: World, token: str) -> bool:
    given = AcceptInvitationInput(token=token, name="Guest", password=NEW_PASSWORD)
    try:
        accepted = await world.engine.accept_invitation(given, CONTEXT)
    except InvalidInvitationToken:
        return False
    assert isinstance(accepted, AuthResult)
    return True


async def revoke(world: World, revoker: str = ADMIN.id, email: str = GUEST, tenant: str = TENANT) -> bool:
    return await world.engine.revoke_invitation(revoker, tenant_id=tenant, email=email)


async def test_an_invitation_is_mailed_with_what_its_reader_needs(world: World) -> None:
    """Somebody who does not know the product must see who invites, where to, and until when."""
    sent: list[Any] = []

    async def keep(*arguments: Any, **named: Any) -> None:
        sent.append((*arguments, named))

    world.mail.send_invitation = keep  # type: ignore[method-assign]
    await world.engine.invite(
        ADMIN.id, tenant_id=TENANT, email=f" {GUEST.upper()} ", role="MEMBER", tenant_name="Acme Inc."
    )
    await world.engine.invite(ADMIN.id, tenant_id=TENANT, email=GUEST, role="MEMBER")
    await world.engine.drain()
    (tenant, to, invite, named), (_, _, by_id, _) = sent
    assert (tenant, to, named) == (TENANT, GUEST, {"locale": None})
    assert (invite.inviter_name, invite.tenant_name, by_id.tenant_name) == ("Grace", "Acme Inc.", TENANT)
    assert invite.expires_at == world.clock.now() + timedelta(days=2)
    assert len(invite.invite_token) == 64
    assert invite.invite_token not in repr(invite)
    created = world.events.last(InvitationCreated)
    assert (created.user_id, created.tenant_id) == (ADMIN.id, TENANT)


async def test_the_mail_is_in_the_language_of_the_inviter(world: World) -> None:
    """Nothing is known of the invitee; the colleague who invites is the best guess."""
    await invite(world, context=RequestContext(sanitized_headers={"accept-language": "pt-BR, en;q=0.5"}))
    assert world.mail.last("invitation").locale == "pt"


async def test_a_mail_that_cannot_be_sent_leaves_the_invitation(world: World) -> None:
    """The answer must not depend on the mail server, and another invitation replaces this one."""
    world.mail.failure = RuntimeError("554 no such user")
    await world.engine.invite(ADMIN.id, tenant_id=TENANT, email=GUEST, role="MEMBER", context=CONTEXT)
    await world.engine.drain()
    assert "detached.failed" in world.events.names
    world.mail.failure = None
    assert await accepts(world, await invite(world))


@pytest.mark.parametrize(
    ("inviter", "role"),
    [(ADMIN.id, "OWNER"), (ADMIN.id, "AUDITOR"), (ANA.id, "ADMIN"), (ADMIN.id, "member"), (ANA.id, "ROOT")],
)
async def test_nobody_invites_to_a_role_beyond_their_own(world: World, inviter: str, role: str) -> None:
    """A member would make an administrator, and log in as one."""
    with pytest.raises(InsufficientRole):
        await invite(world, inviter, role=role)
    await world.engine.drain()
    assert world.mail.sent == []
    assert world.trace.count("invitations.put") == 0


@pytest.mark.parametrize(("inviter", "role"), [(ANA.id, "MEMBER"), (ADMIN.id, "ADMIN"), (ADMIN.id, "MEMBER")])
async def test_a_role_may_be_given_by_those_who_have_or_include_it(
    world: World, inviter: str, role: str
) -> None:
    """A team leader adds the team, and an administrator a colleague."""
    assert await accepts(world, await invite(world, inviter, role=role))


async def test_an_inviter_who_is_gone_or_elsewhere_is_signed_out(world: World) -> None:
    """A token outlives its account by minutes, and a user id exists in several tenants."""
    for inviter, tenant in (("nobody", TENANT), (ADMIN.id, "globex"), (ADMIN.id, "")):
        for call in (
            world.engine.invite(inviter, tenant_id=tenant, email=GUEST, role="MEMBER"),
            world.engine.revoke_invitation(inviter, tenant_id=tenant, email=GUEST),
        ):
            with pytest.raises(TokenInvalid):
                await call
    assert world.trace.count("invitations.put", "invitations.read_pending") == 0


@pytest.mark.parametrize(("status", "refusal"), [("BANNED", AccountBanned), ("suspended", AccountSuspended)])
async def test_a_blocked_account_neither_invites_nor_revokes(
    world: World, status: str, refusal: type[Exception]
) -> None:
    """Somebody who was thrown out would let themselves in again under another address."""
    token = await invite(world)
    world.users.replace(replace(ADMIN, status=status))
    world.trace.clear()
    with pytest.raises(refusal):
        await world.engine.invite(ADMIN.id, tenant_id=TENANT, email=GUEST, role="MEMBER")
    with pytest.raises(refusal):
        await revoke(world)
    assert world.trace.count("revocation.forget_status") == 2
    assert world.trace.count("invitations.put", "invitations.read_pending") == 0
    world.users.replace(ADMIN)
    assert await accepts(world, token)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "two@words@\x00"}, "email"),
        ({"email": "a" * 256}, "email"),
        ({"role": ""}, "role"),
        ({"role": "R" * 65}, "role"),
        ({"role": "\ud800"}, "role"),
        ({"tenant_name": ""}, "tenantName"),
        ({"tenant_name": "t" * 129}, "tenantName"),
    ],
)
async def test_a_malformed_invitation_is_refused(world: World, changes: dict[str, Any], field: str) -> None:
    """A caller without the HTTP schemas gets the same bounds."""
    with pytest.raises(ValidationFailed) as refusal:
        await invite(world, **changes)
    assert [error.field for error in refusal.value.fields] == [field]
    assert world.trace.count("users.find_by_id") == 0


async def test_an_address_that_has_an_account_is_invited_like_any_other(world: World) -> None:
    """The answer would tell every member who else is a customer."""
    assert len(await invite(world, email=EMAIL)) == 64
    assert world.trace.count("users.find_by_email") == 0


async def test_another_invitation_ends_the_link_of_the_first(world: World) -> None:
    """The mail that went out with the wrong role must be worth nothing."""
    first = await invite(world, role="ADMIN")
    second = await invite(world)
    assert not await accepts(world, first)
    assert await accepts(world, second)


async def test_an_invitation_to_a_higher_role_is_not_replaced(world: World) -> None:
    """A member would take an administrator's invitation away from the one who was invited."""
    token = await invite(world, role="ADMIN")
    with pytest.raises(InsufficientRole):
        await invite(world, ANA.id)
    assert await accepts(world, token)


async def test_one_tenant_does_not_touch_the_invitations_of_another(world: World) -> None:
    """Two customers may want the same person."""
    world.users.add(replace(ADMIN, tenant_id="globex"))
    ours = await invite(world)
    theirs = await invite(world, tenant_id="globex")
    assert await revoke(world, tenant="globex")
    assert not await accepts(world, theirs)
    assert await accepts(world, ours)


async def test_an_invitation_that_others_keep_replacing_is_given_up(world: World) -> None:
    """Two administrators at one form must not keep a request running for ever."""

    async def interfere(_number: int, name: str) -> None:
        if name == "invitations.put":
            world.trace.before = None
            await invite_in_between(world)
            world.trace.before = interfere

    world.trace.before = interfere
    with pytest.raises(InsufficientRole):
        await world.engine.invite(ADMIN.id, tenant_id=TENANT, email=GUEST, role="MEMBER")
    world.trace.before = None
    await world.engine.drain()
    tokens = [mail.code for mail in world.mail.of("invitation")]
    assert [await accepts(world, token) for token in tokens] == [False, False, True]


async def test_an_invitation_that_was_replaced_meanwhile_is_looked_at_again(world: World) -> None:
    """The role of the one that came between counts, not that of the one before it."""
    await invite(world)

    async def outrank(_number: int, name: str) -> None:
        if name == "invitations.put":
            world.trace.before = None
            await invite_in_between(world, role="ADMIN")

    world.trace.before = outrank
    with pytest.raises(InsufficientRole):
        await world.engine.invite(ANA.id, tenant_id=TENANT, email=GUEST, role="MEMBER")
    await world.engine.drain()
    assert await accepts(world, world.mail.last("invitation").code)


async def test_a_revoked_invitation_cannot_be_accepted(world: World) -> None:
    """Whoever left the company before the first day must not get in."""
    token = await invite(world)
    assert await revoke(world, email=f" {GUEST.upper()} ")
    assert not await accepts(world, token)
    assert world.events.last(InvitationRevoked).user_id == ADMIN.id
    assert not await revoke(world)
    assert world.events.names.count("invitation.revoked") == 1


async def test_revoking_beyond_ones_role_is_like_revoking_nothing(world: World) -> None:
    """A member would find out who is to become an administrator, or keep them out."""
    token = await invite(world, role="ADMIN")
    assert not await revoke(world, ANA.id)
    assert world.events.last(InvitationRevokeOutranked).user_id == ANA.id
    assert not await revoke(world, ANA.id, email="nobody@example.com")
    assert world.events.names.count("invitation.revoke_outranked") == 1
    assert await accepts(world, token)


async def test_an_acceptance_before_the_revocation_wins(world: World) -> None:
    """Whoever revokes is not told that it worked once the account is there."""
    token = await invite(world)

    async def accept(_number: int, name: str) -> None:
        if name == "invitations.revoke":
            world.trace.before = None
            assert await accepts(world, token)

    world.trace.before = accept
    assert not await revoke(world)
    assert "invitation.revoked" not in world.events.names


async def test_a_malformed_address_is_not_revoked(world: World) -> None:
    """A caller without the HTTP schemas gets the same rules."""
    with pytest.raises(ValidationFailed):
        await revoke(world, email="")


async def test_a_record_that_cannot_be_read_is_replaced_and_revoked_by_anybody(world: World) -> None:
    """It cannot be accepted, and would block the address for two days."""
    for act in (revoke, invite):
        await invite(world, role="ADMIN")
        world.stores._database._transactions.change(
            lambda cursor, _now: cursor.execute("UPDATE proofs SET payload = '{'")
        )
        assert await act(world, ANA.id)


async def test_an_outage_refuses_and_mails_nothing(world: World) -> None:
    """A link that is not stored must not be mailed."""

    async def fail(_number: int, name: str) -> None:
        if name == "invitations.put":
            raise StoreUnavailable

    world.trace.before = fail
    with pytest.raises(StoreUnavailable):
        await world.engine.invite(ADMIN.id, tenant_id=TENANT, email=GUEST, role="MEMBER")
    await world.engine.drain()
    assert world.mail.sent == []
