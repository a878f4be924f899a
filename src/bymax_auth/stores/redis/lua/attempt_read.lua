-- Says how often a secret was guessed wrongly.
-- Called by: RedisAttemptStore.failures
--
-- KEYS  1 failures
-- Returns {'OK', failures, ms left of the window}
--
-- One step, so a count is never told with the window of the next one.
return {'OK', redis.call('GET', KEYS[1]) or '0', math.max(redis.call('PTTL', KEYS[1]), 0)}
