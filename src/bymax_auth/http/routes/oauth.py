"""
Routes of the group ``oauth``: leave for a provider, and come back from it.

A browser navigates to both, so what the callback refuses is a redirect to the configured page where there is
one.  The limit and the form of the query are refused with the envelope, and so is every failure.
"""

from typing import Any, Final
from urllib.parse import urlencode

from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.config.urls import is_location
from bymax_auth.engine import AuthEngine
from bymax_auth.errors import (
    AuthError,
    EmailNotVerified,
    Forbidden,
    OAuthEmailMismatch,
    OAuthFailed,
    TokenInvalid,
)
from bymax_auth.flows.oauth import OAuthOutcome
from bymax_auth.http.asgi import Response, json_response, redirect_response
from bymax_auth.http.delivery import challenge_response, json_of
from bymax_auth.http.errors import render, render_failure
from bymax_auth.http.routes.access import BLOCKED, PUBLIC
from bymax_auth.http.routes.answers import Redirect, Session
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import NO_CREDENTIALS
from bymax_auth.http.routes.spec import AnyRoute, PathParameter, RouteGroup, RouteSpec
from bymax_auth.http.runtime import HttpRuntime
from bymax_auth.http.schemas.oauth import OAuthCallbackQuery, OAuthForm, OAuthInitiateQuery
from bymax_auth.types.results import IdentityInfo, MfaChallengeResult

__all__ = ["OAUTH_ROUTES"]

_FOUND: Final = 302
_SEE_OTHER: Final = 303
_CALLBACK: Final = "oauth_callback"
_PASSED_ON: Final = ("code", "state", "iss", "error")
"""What the callback gets of a form: the rest is kept or ignored."""


async def _initiate(call: Call[None, OAuthInitiateQuery]) -> Response:
    redirect = await call.engine.oauth_initiate(_provider(call), call.body.tenant_id, call.context)
    response = redirect_response(_FOUND, redirect.authorize_url)
    return _private(call.runtime.delivery.with_oauth_state(response, redirect.state))


async def _take_form(call: Call[None, OAuthForm]) -> Response:
    await call.engine.oauth_form_post(_provider(call), state=call.body.state, user=call.body.user)
    given = {name: getattr(call.body, name) for name in _PASSED_ON}
    query = urlencode({name: value for name, value in given.items() if value is not None})
    # A reference of a query alone leads to the path that the browser posted to, whatever proxies made of it.
    return _private(redirect_response(_SEE_OTHER, f"?{query}"))


async def _callback(call: Call[None, OAuthCallbackQuery]) -> Response:
    try:
        response = _welcome(call, await _finish(call))
    except AuthError as refusal:
        response = _refused(call.runtime, refusal)
    except Exception as failure:  # noqa: BLE001 - the state's cookie is cleared whatever happened
        call.engine.failures.report(_CALLBACK, failure)
        response = render_failure(failure)
    return _private(call.runtime.delivery.without_oauth_state(response))


async def _finish(call: Call[None, OAuthCallbackQuery]) -> OAuthOutcome:
    engine = call.engine
    pages = (
        engine.oauth_success_redirect_url(),
        engine.oauth_mfa_redirect_url(),
        engine.oauth_link_redirect_url(),
    )
    # Found later, it would leave a session behind that nobody has the tokens of.
    if not all(page is None or is_location(page) for page in pages):
        raise OAuthFailed
    return await call.engine.oauth_callback(
        _provider(call),
        code=call.body.code,
        state=call.body.state,
        state_cookie=call.runtime.delivery.oauth_state(call.view),
        issuer=call.body.iss,
        error=call.body.error,
        access_token=_access_token(call),
        context=call.context,
    )


def _access_token(call: Call[None, OAuthCallbackQuery]) -> str | None:
    """Return the browser's access token; of two different ones it is unknown whose they are."""
    try:
        return call.runtime.channels.access(call.view)
    except TokenInvalid:
        return ""


def _welcome(call: Call[None, OAuthCallbackQuery], result: OAuthOutcome) -> Response:
    delivery, engine = call.runtime.delivery, call.engine
    if isinstance(result, IdentityInfo):
        url = engine.oauth_link_redirect_url()
        return json_response(200, json_of(result)) if url is None else redirect_response(_FOUND, url)
    if isinstance(result, MfaChallengeResult):
        url = engine.oauth_mfa_redirect_url()
        response = challenge_response(result) if url is None else redirect_response(_FOUND, url)
        return delivery.with_challenge(call.view, response, result.mfa_temp_token)
    url = engine.oauth_success_redirect_url()
    if url is None:
        return delivery.session(call.view, 200, result.user, result.access_token, result.refresh_token)
    return delivery.with_session(
        call.view, redirect_response(_FOUND, url), result.access_token, result.refresh_token
    )


def _refused(runtime: HttpRuntime, refusal: AuthError) -> Response:
    url = runtime.engine.oauth_error_redirect_url(refusal.code.removeprefix("auth."))
    if url is None:
        return render(refusal)
    return redirect_response(_FOUND, url) if is_location(url) else render(OAuthFailed())


def _private(response: Response) -> Response:
    """Return the response, after which no page is told an address that holds a code."""
    return response._replace(headers=(*response.headers, (b"referrer-policy", b"no-referrer")))


def _private_envelope(_runtime: HttpRuntime, refusal: AuthError) -> Response:
    return _private(render(refusal))


def _provider(call: Call[None, Any]) -> str:
    return call.view.parameters["provider"]


def _posts(engine: AuthEngine) -> bool:
    return any(provider.uses_form_post for provider in engine.oauth_providers.values())


def _redirects(config: ResolvedConfig) -> bool:
    oauth = config.auth.oauth
    urls = (
        oauth.success_redirect_url,
        oauth.link_redirect_url,
        oauth.mfa_redirect_url,
        oauth.error_redirect_url,
    )
    return any(url is not None for url in urls)


_GROUP: Final = RouteGroup("oauth", lambda groups: groups.oauth)
_PROVIDER: Final = PathParameter(
    name="provider",
    description="The name of the provider.",
    schema={"type": "string", "pattern": "^[a-z0-9-]{1,64}$"},
)

OAUTH_ROUTES: Final[tuple[AnyRoute, ...]] = (
    RouteSpec(
        name="oauth_initiate",
        group=_GROUP,
        method="GET",
        path="/oauth/{provider}",
        parameters=(_PROVIDER,),
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=OAuthInitiateQuery,
        body_mode="query",
        limit=lambda limits: limits.oauth_initiate,
        success=302,
        handler=_initiate,
        answer=Redirect("The provider's page. The cookie `oauth_state` binds this browser to the sign-in."),
        refusals=(OAuthFailed, Forbidden),
        render_refusal=_private_envelope,
        summary="Sign in with a provider",
        description="A browser navigates here. The sign-in must be finished within ten minutes.",
        key="OAUTH_INITIATE",
        member="initiate",
    ),
    RouteSpec(
        name=_CALLBACK,
        group=_GROUP,
        method="GET",
        path="/oauth/{provider}/callback",
        parameters=(_PROVIDER,),
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=OAuthCallbackQuery,
        body_mode="query",
        limit=lambda limits: limits.oauth_callback,
        success=200,
        handler=_callback,
        answer=Session(
            "A session, or the challenge of a second factor, whose token is in the cookie `mfa_temp_token` "
            "too. After a link, the identity.",
            otherwise=MfaChallengeResult,
            also=(IdentityInfo,),
        ),
        redirects=_redirects,
        refusals=(OAuthFailed, OAuthEmailMismatch, EmailNotVerified, *BLOCKED),
        render_refusal=_private_envelope,
        summary="Come back from a provider",
        description="The provider sends the browser here. Where pages are configured, success, second factor "
        "and refusal are redirects to them; a refusal's page gets the code without `auth.` as `error`. A "
        "link that a signed-in browser has begun ends here too, in the same session.",
        key="OAUTH_CALLBACK",
        member="callback",
    ),
    RouteSpec(
        name="oauth_form_post",
        group=_GROUP,
        method="POST",
        path="/oauth/{provider}/callback",
        parameters=(_PROVIDER,),
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=OAuthForm,
        body_mode="form",
        limit=lambda limits: limits.oauth_callback,
        any_origin=True,
        success=303,
        handler=_take_form,
        answer=Redirect("The same address, to be read with GET: a form of another site carries no cookie."),
        refusals=(OAuthFailed,),
        render_refusal=_private_envelope,
        is_served=_posts,
        summary="Come back from a provider that posts a form",
        description="The provider's page sends the form. What it says about the person is kept for the "
        "request that follows.",
        key="",
        member="",
    ),
)
