"""The Lua scripts, each one atomic decision, and the executor that runs them."""
