"""Judges of new passwords."""

from bymax_auth.providers.breach import AllowAllBreachChecker, CombinedBreachChecker, CommonPasswordChecker


async def test_a_host_can_switch_the_screen_off() -> None:
    """A host that screens passwords elsewhere would screen them twice."""
    assert await CommonPasswordChecker().is_breached("password") is True
    assert await AllowAllBreachChecker().is_breached("password") is False


class Asked:
    """A checker that counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0

    async def is_breached(self, password: str) -> bool:
        self.times += 1
        return password == "known elsewhere"


async def test_one_of_several_checkers_is_enough() -> None:
    """A service that is asked in vain gets to see more passwords than it must."""
    second = Asked()
    both = CombinedBreachChecker(CommonPasswordChecker(), second)
    assert await both.is_breached("password") is True
    assert second.times == 0
    assert await both.is_breached("known elsewhere") is True
    assert await both.is_breached("correct horse battery") is False
    assert second.times == 2
    assert await CombinedBreachChecker().is_breached("password") is False
