"""
FastAPI integration: the auth routes as a router, and guards as dependencies.

    auth = install(app, engine, AuthHttpConfig(PeerAddress()))

    @app.get("/profile")
    async def profile(user: CurrentUser) -> Profile: ...

    @app.get("/reports", dependencies=[Depends(auth.require_role("ADMIN"))])
    async def reports() -> list[Report]: ...
"""

from bymax_auth.errors.extras import needs_extra

with needs_extra("fastapi", ("fastapi", "starlette")):
    from bymax_auth.fastapi.errors import AuthHTTPException, register_exception_handlers
    from bymax_auth.fastapi.guards import (
        ActiveUser,
        CurrentPlatformUser,
        CurrentUser,
        MfaSatisfiedUser,
        OptionalUser,
        TicketUser,
        VerifiedUser,
        WsAuthUser,
        WsAuthUserFromHeader,
        current_user,
        from_any_origin,
        mfa_satisfied,
        optional_auth_user,
        platform_user,
        require_platform_role,
        require_role,
        self_or_admin,
        trusted_origin,
        user_status,
        verified_user,
        ws_auth_user,
        ws_auth_user_from_header,
    )
    from bymax_auth.fastapi.install import InstalledAuth, install
    from bymax_auth.fastapi.lifespan import engine_lifespan
    from bymax_auth.fastapi.login_end import Ended, WatchLogin, ended
    from bymax_auth.fastapi.openapi import apply_openapi
    from bymax_auth.fastapi.router import auth_router

__all__ = [
    "ActiveUser",
    "AuthHTTPException",
    "CurrentPlatformUser",
    "CurrentUser",
    "Ended",
    "InstalledAuth",
    "MfaSatisfiedUser",
    "OptionalUser",
    "TicketUser",
    "VerifiedUser",
    "WatchLogin",
    "WsAuthUser",
    "WsAuthUserFromHeader",
    "apply_openapi",
    "auth_router",
    "current_user",
    "ended",
    "engine_lifespan",
    "from_any_origin",
    "install",
    "mfa_satisfied",
    "optional_auth_user",
    "platform_user",
    "register_exception_handlers",
    "require_platform_role",
    "require_role",
    "self_or_admin",
    "trusted_origin",
    "user_status",
    "verified_user",
    "ws_auth_user",
    "ws_auth_user_from_header",
]
