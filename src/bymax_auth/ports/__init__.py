"""Interfaces that the engine uses and others implement.  Import from the module that names the port."""
