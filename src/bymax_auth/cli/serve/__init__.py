"""`bymax-auth serve`: the whole product as a service that its environment configures."""

__all__: list[str] = []
