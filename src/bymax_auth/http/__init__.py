"""The HTTP edge: plain ASGI, no framework."""
