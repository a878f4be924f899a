"""One well-formed request of each route, for tests that bend every one of them the same way."""

from typing import Any

from bymax_auth.http.guards import platform_user
from bymax_auth.http.routes import ROUTES, AnyRoute
from tests.integration.http.world import EMAIL, NEW_PASSWORD, PASSWORD, PLATFORM_LOGIN, TENANT

__all__ = [
    "ADMINISTRATORS",
    "BODIES",
    "GUARDED",
    "JSON_ROUTES",
    "LENIENT_ROUTES",
    "NAVIGATIONS",
    "path_of",
    "request_of",
    "route_id",
]

BODIES: dict[str, dict[str, object]] = {
    "register": {"email": "new@example.com", "password": PASSWORD, "name": "Ada", "tenantId": TENANT},
    "login": {"email": EMAIL, "password": PASSWORD, "tenantId": TENANT},
    "logout": {"refreshToken": "cd" * 32},
    "refresh": {"refreshToken": "cd" * 32},
    "verify_email": {"email": EMAIL, "otp": "123456", "tenantId": TENANT},
    "resend_verification": {"email": EMAIL, "tenantId": TENANT},
    "forgot_password": {"email": EMAIL, "tenantId": TENANT},
    "reset_password": {
        "email": EMAIL,
        "newPassword": NEW_PASSWORD,
        "token": "0" * 64,
        "otp": "123456",
        "verifiedToken": "0" * 64,
        "tenantId": TENANT,
    },
    "verify_reset_otp": {"email": EMAIL, "otp": "123456", "tenantId": TENANT},
    "resend_reset_otp": {"email": EMAIL, "tenantId": TENANT},
    "change_password": {
        "currentPassword": PASSWORD,
        "newPassword": NEW_PASSWORD,
        "refreshToken": "cd" * 32,
    },
    "email_change_request": {"newEmail": "new@example.com", "currentPassword": PASSWORD},
    "email_change_confirm": {"token": "0" * 64},
    "revoke_all_sessions": {"refreshToken": "cd" * 32},
    "invitation_create": {"email": "new@example.com", "role": "MEMBER", "tenantName": "Acme"},
    "invitation_accept": {"token": "0" * 64, "name": "Ada", "password": PASSWORD},
    "invitation_revoke": {"email": "new@example.com"},
    "link_identity": {"password": PASSWORD, "refreshToken": "cd" * 32},
    "unlink_identity": {"password": PASSWORD, "refreshToken": "cd" * 32},
    "mfa_setup": {"password": PASSWORD},
    "mfa_verify_enable": {"code": "123456"},
    "mfa_challenge": {"mfaTempToken": "a.b.c", "code": "123456"},
    "mfa_disable": {"code": "123456"},
    "mfa_recovery_codes": {"code": "123456"},
    "platform_mfa_challenge": {"mfaTempToken": "a.b.c", "code": "123456"},
    "platform_mfa_setup": {"password": PASSWORD},
    "platform_mfa_verify_enable": {"code": "123456"},
    "platform_mfa_disable": {"code": "123456"},
    "platform_mfa_recovery_codes": {"code": "123456"},
    "platform_login": {**PLATFORM_LOGIN},
    "platform_logout": {"refreshToken": "cd" * 32},
    "platform_refresh": {"refreshToken": "cd" * 32},
}

LENIENT_ROUTES = [spec for spec in ROUTES if spec.body_mode in {"lenient_refresh", "forgiving_refresh"}]
ADMINISTRATORS = [spec for spec in ROUTES if platform_user in spec.access.guards]
JSON_ROUTES = [spec for spec in ROUTES if spec.body_mode == "json" and spec not in ADMINISTRATORS]
GUARDED = [spec for spec in ROUTES if spec.access.guards and spec not in ADMINISTRATORS]
"""For users of tenants."""


STATE = "0" * 64
NAVIGATIONS: dict[str, dict[str, Any]] = {
    "oauth_initiate": {"query": f"tenantId={TENANT}".encode()},
    "oauth_callback": {"query": f"state={STATE}&code=c".encode(), "cookies": {"oauth_state": STATE}},
    "oauth_form_post": {
        "raw": f"state={STATE}&code=c&user=x".encode(),
        "content_type": "application/x-www-form-urlencoded",
    },
}
"""What a browser sends, where it sends no JSON."""


def path_of(spec: AnyRoute) -> str:
    return spec.path.replace("{id}", "0" * 64).replace("{provider}", "apple")


def request_of(spec: AnyRoute) -> dict[str, Any]:
    """The arguments of the driver's call."""
    return NAVIGATIONS.get(spec.name) or {"json_body": BODIES.get(spec.name)}


def route_id(spec: AnyRoute) -> str:
    return f"{spec.method} {spec.path}"
