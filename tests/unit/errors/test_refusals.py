"""Refusals as values."""

import copy
import pickle
from collections.abc import Callable
from datetime import timedelta

import pytest

from bymax_auth import errors
from bymax_auth.errors import AuthError, FieldError

REFUSALS = [
    kind
    for kind in (getattr(errors, name) for name in errors.__all__)
    if isinstance(kind, type) and issubclass(kind, AuthError) and kind is not AuthError
]


def pickled(error: AuthError) -> AuthError:
    loaded: AuthError = pickle.loads(pickle.dumps(error))
    return loaded


@pytest.mark.parametrize("through", [pickled, copy.copy])
@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_crosses_processes_whole(
    kind: type[AuthError], through: Callable[[AuthError], AuthError]
) -> None:
    """A worker pool or task queue of the host's would fail on the answer instead of passing it on."""
    refusal = kind(retry_after=timedelta(seconds=3), fields=(FieldError("email", "is required"),))
    arrived = through(refusal)

    assert type(arrived) is kind
    assert (arrived.retry_after, arrived.fields, str(arrived)) == (
        refusal.retry_after,
        refusal.fields,
        str(refusal),
    )
