"""One answer whatever happens, for the routes that send mail to an address anybody may name."""

from collections.abc import Awaitable

from bymax_auth.errors import AuthError, ValidationFailed
from bymax_auth.http.handlers.call import Call

__all__ = ["uniformly"]


async def uniformly(call: Call, origin: str, work: Awaitable[object]) -> None:
    """
    Wait for `work` and let only a refusal of the request's form through.

    Whether the address is known, blocked, or met an outage must not show, so a failure is
    reported and not answered.

    Raises:
        ValidationFailed: The request names no tenant, or not a usable address.
    """
    try:
        await work
    except ValidationFailed:
        raise
    except AuthError:
        return
    except Exception as failure:  # noqa: BLE001 — any difference in the answer would tell
        call.engine.failures.report(origin, failure)
