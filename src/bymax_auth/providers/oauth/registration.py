"""What a provider knows about the host's application: who it is, and where browsers return to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bymax_auth.config.urls import host_of, is_location, is_secure_url, port_of
from bymax_auth.types.secret import Secret

__all__ = ["ClientRegistration", "is_acceptable_address", "register"]

_NAME: Final = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+", re.ASCII)
"""Source: RFC 6749 §3.3."""
_LAST_PORT: Final = 65_535
_LOOPBACK: Final = frozenset({"127.0.0.1", "[::1]", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRegistration:
    """The application, as it is registered with one provider."""

    name: str
    client_id: str
    client_secret: Secret = field(repr=False)
    redirect_uri: str
    scope: tuple[str, ...]

    @property
    def uses_openid(self) -> bool:
        """Whether an ``id_token`` is asked for.  Source: OpenID Connect Core §3.1.2.1."""
        return "openid" in self.scope


def register(
    name: str, *, client_id: str, client_secret: Secret | str, redirect_uri: str, scope: Iterable[str]
) -> ClientRegistration:
    """
    Return the registration, once every part of it is usable.

    Raises:
        ValueError: The name is not 1 to 64 of ``a-z``, ``0-9`` and ``-``; the identifier or the secret is
            blank; the address is neither https nor http on the loopback interface; a scope is not one
            word.  The text quotes no secret.
    """
    secret = client_secret if isinstance(client_secret, Secret) else Secret(client_secret)
    scopes = tuple(scope)
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a usable name: 1 to 64 characters of a-z, 0-9 and -.")
    if not client_id.strip() or not secret.reveal().strip():
        raise ValueError(f"The client identifier or the client secret of {name} is blank.")
    if not is_acceptable_address(redirect_uri, loopback=True):
        raise ValueError(f"The redirect URI of {name} is neither https nor http on the loopback interface.")
    if not all(_SCOPE.fullmatch(word) for word in scopes):
        raise ValueError(f"A scope of {name} is not one word.")
    return ClientRegistration(
        name=name, client_id=client_id, client_secret=secret, redirect_uri=redirect_uri, scope=scopes
    )


def is_acceptable_address(url: str, *, loopback: bool) -> bool:
    """
    Return whether `url` is https, or with `loopback` http on this machine, without a user or a fragment.

    A redirect URI must have no fragment.  Source: RFC 6749 §3.1.2.
    """
    secure = is_secure_url(url) or (loopback and url.startswith("http://") and host_of(url) in _LOOPBACK)
    return secure and is_location(url) and not re.search(r"[#@\\]", url) and _has_usable_port(url)


def _has_usable_port(url: str) -> bool:
    port = port_of(url)
    return not port or (re.fullmatch(r"[0-9]{1,5}", port) is not None and 0 < int(port) <= _LAST_PORT)
