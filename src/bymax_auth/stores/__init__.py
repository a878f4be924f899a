"""Stores: implementations of the ports that keep sessions, codes, proofs and counters."""
