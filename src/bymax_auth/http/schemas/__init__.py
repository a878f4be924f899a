"""Schemas of requests: one frozen model per body, and the validation rules of the fields."""
