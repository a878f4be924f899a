config = AuthConfig.secure_defaults(
    **settings, platform={"enabled": True}
)


# An administrator has no tenant: the path names one.
@app.post("/tenants/{tenant}/users/{user}/sign-out")
async def sign_out(
    tenant: str, user: str, admin: CurrentPlatformUser
) -> None:
    await engine.revoke_all_sessions(
        user, tenant_id=tenant
    )
