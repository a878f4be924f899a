"""One user journey per file.  `engine.login` *is* a `Login`."""

__all__: list[str] = []
