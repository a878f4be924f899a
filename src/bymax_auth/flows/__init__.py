"""One flow, or family of flows, per file.  `engine.login` *is* a `Login`."""

__all__: list[str] = []
