"""
People of Microsoft as the library names them: the tenant and the ``sub`` that an application sees.

Other systems store one of three: that ``sub``, the object id ``oid``, or the id of Microsoft Graph.  None of
them alone is what a sign-in here is looked up by, but a stored token has tenant and ``sub`` together.

Source: Microsoft identity platform, ID token claims reference
"""

import json
from base64 import urlsafe_b64decode

from bymax_auth.cli.migrate.sources.values import UNREADABLE, members, text

__all__ = ["named_by_tenant", "named_by_token"]


def named_by_tenant(tenant: object, subject: object) -> str | None:
    """Return the name of a person of a tenant, ``None`` where one of the two is missing."""
    return f"{text(tenant).lower()}:{text(subject)}" if tenant and subject else None


def named_by_token(id_token: object, stored: str) -> str | None:
    """
    Return the name of the person that a stored ``id_token`` is about, ``None`` where it does not tell.

    It was verified by the system that has stored it; `stored` is the id that it has taken from it.
    """
    try:
        _, payload, _ = text(id_token).split(".")
        claims = members(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
        if stored not in {claims.get("sub"), claims.get("oid")}:
            return None
        return named_by_tenant(claims.get("tid"), claims.get("sub"))
    except UNREADABLE:
        return None
