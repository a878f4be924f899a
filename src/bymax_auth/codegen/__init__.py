"""Writes the wire contract in other languages, from the models, the error tree and the route table."""
