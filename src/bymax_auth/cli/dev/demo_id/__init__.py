"""Demo ID: a provider of identities for the development server alone.  It believes whoever uses it."""
