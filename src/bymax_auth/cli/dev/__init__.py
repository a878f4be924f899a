"""`bymax-auth dev`: a development server with a demo page."""

__all__: list[str] = []
