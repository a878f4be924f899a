"""`bymax-auth migrate`: moves the accounts of another system into a tenant."""
