"""Complete, owned authentication for Python backends."""
