config = AuthConfig.secure_defaults(
    **settings,
    mfa={"encryption_key": key, "issuer": "Example"},
    controllers={"mfa": True},
)

both = [Depends(auth.mfa_satisfied)]


@app.delete("/projects/{name}", dependencies=both)
async def delete(name: str) -> None: ...
