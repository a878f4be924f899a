"""Judges of new passwords."""

from bymax_auth.providers.breach import AllowAllBreachChecker, CommonPasswordChecker


async def test_a_host_can_switch_the_screen_off() -> None:
    """A host that screens passwords elsewhere would screen them twice."""
    assert await CommonPasswordChecker().is_breached("password") is True
    assert await AllowAllBreachChecker().is_breached("password") is False
