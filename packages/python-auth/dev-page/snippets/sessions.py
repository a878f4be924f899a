config = AuthConfig.secure_defaults(
    **settings,
    sessions={"enabled": True},
    controllers={"sessions": True},
)


# Refused at once when any process has ended it.
@app.get("/orders")
async def orders(user: CurrentUser) -> list[str]:
    return []
