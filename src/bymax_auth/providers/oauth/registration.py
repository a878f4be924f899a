"""What a provider knows about the host's application: who it is, and where browsers return to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bymax_auth.config.browser import is_scope_word
from bymax_auth.config.urls import is_acceptable_address
from bymax_auth.types.secret import Secret

__all__ = ["ClientRegistration", "register"]

_NAME: Final = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)


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
    if not all(map(is_scope_word, scopes)):
        raise ValueError(f"A scope of {name} is not one word.")
    return ClientRegistration(
        name=name, client_id=client_id, client_secret=secret, redirect_uri=redirect_uri, scope=scopes
    )
