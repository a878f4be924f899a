engine = AuthEngine(
    config, users=users, stores=EmbeddedStores()
)
app = FastAPI(lifespan=engine_lifespan(engine))
install(app, engine, AuthHttpConfig(PeerAddress()))


@app.get("/profile")
async def profile(user: CurrentUser) -> str:
    return f"{user.sub} is a {user.role}"
