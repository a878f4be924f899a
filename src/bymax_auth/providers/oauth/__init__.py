"""
Providers of identities: OpenID Connect, Google, GitHub, Microsoft, Apple, and OAuth 2.0 without OpenID.

Each is imported from its own module.  `google`, `github` and `oauth2` need an `HttpClient`, the bundled one
being httpx2; `oidc`, `microsoft` and `apple` need the whole extra ``oauth``.
"""
