"""How flows are built from services: one module for each family of flows."""
