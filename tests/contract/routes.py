"""
Routes for tokens that have only a name.

In a tagged layout a refresh token begins with its account's route.  The tokens of the contract
suites are names, so what a holder of the token would know is remembered for them here.
"""

from dataclasses import replace
from typing import Any

from bymax_auth.stores.redis import RedisStores
from bymax_auth.types.identity import Realm, Subject, TokenRef
from tests.contract.samples import account

__all__ = ["routed"]


class RoutedSessions:
    """The session store of a tagged layout, with the routes of named tokens filled in."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._routes: dict[str, str] = {}

    def __getattr__(self, method: str) -> Any:
        return getattr(self._inner, method)

    def _of(self, realm: Realm, ref: TokenRef) -> TokenRef:
        return replace(ref, route=self._routes.get(ref.hash, account(realm).route))

    async def create(self, subject: Subject, new: Any) -> Any:
        self._routes[new.ref.hash] = self._routes[new.record.family_id or ""] = subject.route
        return await self._inner.create(subject, new)

    async def rotate(self, subject: Subject, rotation: Any) -> Any:
        self._routes[rotation.presented.hash] = self._routes[rotation.successor.hash] = subject.route
        return await self._inner.rotate(subject, rotation)

    async def recover(self, subject: Subject, recovery: Any) -> Any:
        self._routes[recovery.successor.hash] = subject.route
        return await self._inner.recover(subject, recovery)

    async def snapshot(self, realm: Realm, ref: TokenRef) -> Any:
        return await self._inner.snapshot(realm, self._of(realm, ref))

    async def drop_grace(self, realm: Realm, ref: TokenRef) -> None:
        await self._inner.drop_grace(realm, self._of(realm, ref))

    async def revoke_family(self, realm: Realm, family_id: str, _route: str | None, subject_of: Any) -> Any:
        route = self._routes.get(family_id, account(realm).route)
        return await self._inner.revoke_family(realm, family_id, route, subject_of)


def routed(stores: RedisStores) -> Any:
    """The bundle, which now takes tokens that have only a name."""
    bundle: Any = stores
    bundle.sessions = RoutedSessions(stores.sessions)
    return bundle
