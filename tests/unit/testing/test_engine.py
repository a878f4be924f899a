"""An engine that is ready to use."""

from datetime import UTC, datetime, timedelta

import pytest

from bymax_auth.config import ConfigError, PasswordResetMethod
from bymax_auth.errors import EmailNotVerified, InvalidCredentials, TokenInvalid
from bymax_auth.ports.hooks import AuthHooks, HookContext
from bymax_auth.providers.breach import AllowAllBreachChecker
from bymax_auth.testing import (
    TEST_PASSWORD,
    TEST_TENANT,
    ReadyEngine,
    build_engine,
    config_for_tests,
)
from bymax_auth.types.account import SafeAuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import ForgotPasswordInput, LoginInput, RegisterInput
from bymax_auth.types.results import AuthResult, PlatformAuthResult

WHERE = RequestContext(ip="192.0.2.1")


def as_ada(password: str = TEST_PASSWORD) -> LoginInput:
    return LoginInput(email="ada@example.com", password=password, tenant_id=TEST_TENANT)


async def test_a_user_who_was_added_can_sign_in_until_time_passes() -> None:
    """A host's first test would start with a page of set-up."""
    async with build_engine(start=datetime(2026, 1, 1, tzinfo=UTC)) as auth:
        user = auth.add_user("ada@example.com", name="Ada", role="ADMIN")
        result = await auth.engine.login(as_ada(), WHERE)
        assert isinstance(result, AuthResult)
        assert (result.user.id, result.user.name, result.user.role) == (user.id, "Ada", "ADMIN")
        await auth.engine.authenticate(result.access_token)
        auth.clock.advance(timedelta(hours=1))
        with pytest.raises(TokenInvalid):
            await auth.engine.authenticate(result.access_token)
        assert "login.ok" in auth.events.names
        assert auth.failures == []


async def test_an_administrator_who_was_added_can_sign_in() -> None:
    """A host could not test its operators' tools."""
    async with build_engine() as auth:
        admin = auth.add_admin("root@example.com", password="pebble-compass-violin-47")
        login = LoginInput(email="root@example.com", password="pebble-compass-violin-47")
        result = await auth.engine.platform.login(login, WHERE)
        assert isinstance(result, PlatformAuthResult)
        assert (result.admin.id, result.admin.role) == (admin.id, "SUPER_ADMIN")


async def test_a_code_is_read_from_the_mail_that_carries_it() -> None:
    """A host could not test a registration from end to end."""
    async with build_engine() as auth:
        await auth.engine.register(
            RegisterInput(email="ada@example.com", name="Ada", password=TEST_PASSWORD, tenant_id=TEST_TENANT),
            WHERE,
        )
        await auth.engine.drain()
        code = auth.mailer.last("email_verification_otp", to="ada@example.com").code
        with pytest.raises(EmailNotVerified):
            await auth.engine.login(as_ada(), WHERE)
        await auth.engine.verify_email(
            tenant_id=TEST_TENANT, email="ada@example.com", otp=code, context=WHERE
        )
        user = await auth.users.find_by_email("ada@example.com", tenant_id=TEST_TENANT)
        assert user is not None
        assert user.email_verified is True


async def test_options_are_laid_over_the_ready_ones() -> None:
    """A host that changes one option would have to repeat all the others."""
    config = config_for_tests(
        password_reset={"method": PasswordResetMethod.OTP}, sessions={"default_max_sessions": 2}
    )
    async with build_engine(config) as auth:
        auth.add_user()
        await auth.engine.forgot_password(
            ForgotPasswordInput(email="ada@example.com", tenant_id=TEST_TENANT), WHERE
        )
        await auth.engine.drain()
        assert auth.mailer.last().kind == "password_reset_otp"
        assert auth.engine.config.auth.sessions.enabled is True
    with pytest.raises(ConfigError):
        config_for_tests(pasword={})


async def test_a_host_brings_its_own_hooks_and_screen() -> None:
    """What a host adds to sign-in could not be tested with it."""

    class Greeter(AuthHooks):
        greeted: list[str]

        async def after_login(self, user: SafeAuthUser, context: HookContext) -> None:
            self.greeted.append(user.email)

    hooks = Greeter()
    hooks.greeted = []
    async with build_engine(hooks=hooks, breach_checker=AllowAllBreachChecker()) as auth:
        auth.add_user()
        with pytest.raises(InvalidCredentials):
            await auth.engine.login(as_ada("wrong"), WHERE)
        await auth.engine.login(as_ada(), WHERE)
        await auth.engine.drain()
        assert hooks.greeted == ["ada@example.com"]


async def test_two_engines_share_nothing() -> None:
    """One test's accounts and secrets would be another's."""
    first, second = build_engine(), build_engine()
    first.add_user()
    async with first, second:
        with pytest.raises(InvalidCredentials):
            await second.engine.login(as_ada(), WHERE)
        result = await first.engine.login(as_ada(), WHERE)
        assert isinstance(result, AuthResult)
        with pytest.raises(TokenInvalid):
            await second.engine.authenticate(result.access_token)


def test_a_ready_engine_does_not_show_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    """A failing assertion would print live secrets into a public build log."""
    ready: ReadyEngine = build_engine()
    assert ready.engine.config.auth.jwt.secret.reveal() not in repr(ready)
