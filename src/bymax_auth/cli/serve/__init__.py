"""`bymax-auth serve`: the library as a service, configured by environment variables."""

__all__: list[str] = []
