"""Connections to Redis: one shared by all requests, or the client of a Redis Cluster."""
