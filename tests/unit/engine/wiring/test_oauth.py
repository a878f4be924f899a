"""The flows of sign-in with a provider, in an engine whose stores keep no proofs."""

from typing import Any

import pytest

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import StoreUnavailable
from bymax_auth.testing import TEST_TENANT, InMemoryOAuthProvider, build_engine, config_for_tests
from bymax_auth.types.context import RequestContext


async def test_without_a_store_nobody_leaves_for_a_provider_or_comes_back() -> None:
    """A bundle that a host composes need not keep proofs while nothing needs them."""
    ready = build_engine(config_for_tests(controllers={"password_reset": False}))
    bundle: Any = ready.stores
    bundle.proofs = None
    engine = AuthEngine(
        ready.engine.config.auth,
        users=ready.users,
        stores=bundle,
        platform_users=ready.admins,
        oauth_providers=[InMemoryOAuthProvider("apple", uses_form_post=True)],
    )
    context = RequestContext()
    async with engine:
        for call in (
            engine.oauth_initiate("apple", TEST_TENANT, context),
            engine.oauth_form_post("apple", state="0" * 64, user="x"),
            engine.oauth_callback("apple", code="c", state="0" * 64, state_cookie="0" * 64, context=context),
        ):
            with pytest.raises(StoreUnavailable):
                await call


async def test_an_engine_says_with_whom_one_can_sign_in_and_where_browsers_go() -> None:
    """A sign-in page could not tell which buttons to show."""
    redirects = {
        "success_redirect_url": "/welcome",
        "mfa_redirect_url": "/code",
        "error_redirect_url": "/e?x=1#f",
    }
    apple = InMemoryOAuthProvider("apple")
    engine = build_engine(config_for_tests(oauth=redirects), oauth_providers=[apple]).engine
    assert dict(engine.oauth_providers) == {"apple": apple}
    assert (engine.oauth_success_redirect_url(), engine.oauth_mfa_redirect_url()) == ("/welcome", "/code")
    assert engine.oauth_error_redirect_url("oauth_failed") == "/e?x=1&error=oauth_failed#f"
    bare = build_engine().engine
    assert (bare.oauth_success_redirect_url(), bare.oauth_mfa_redirect_url()) == (None, None)
    assert bare.oauth_error_redirect_url("oauth_failed") is None
