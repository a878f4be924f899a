"""`bymax-auth dev`: the whole product on one machine, as a newcomer meets it."""

__all__: list[str] = []
