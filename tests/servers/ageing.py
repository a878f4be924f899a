"""Time that passes for a Redis too, when a test moves it by hand."""

from collections.abc import Sequence
from datetime import timedelta

from bymax_auth.testing import FakeClock
from tests.servers.kept_clients import client_at

__all__ = ["AGEING", "AgeingClock"]

AGEING = """
local cursor = '0'
repeat
  local page = redis.call('SCAN', cursor, 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    local left = redis.call('PTTL', key)
    if left >= 0 then
      if left <= tonumber(ARGV[1]) then
        redis.call('DEL', key)
      else
        redis.call('PEXPIRE', key, left - tonumber(ARGV[1]))
      end
    end
  end
until cursor == '0'
"""


class AgeingClock(FakeClock):
    """A clock whose advance makes every record on the servers at these ports that much older."""

    def __init__(self, ports: Sequence[int]) -> None:
        super().__init__()
        self._ports = ports

    def advance(self, by: timedelta) -> None:
        super().advance(by)
        for port in self._ports:
            client_at(port).eval(AGEING, 0, by // timedelta(milliseconds=1))
