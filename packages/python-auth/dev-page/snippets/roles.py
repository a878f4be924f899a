admin = [Depends(auth.require_role("ADMIN"))]


@app.get("/reports", dependencies=admin)
async def reports() -> list[str]:
    return []
