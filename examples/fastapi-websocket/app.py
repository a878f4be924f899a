import asyncio
import secrets

from fastapi import FastAPI, WebSocket

from bymax_auth import AuthConfig, AuthEngine, AuthError, EmbeddedStores, OpenLogin
from bymax_auth.fastapi import Ended, WsAuthUser, engine_lifespan, install
from bymax_auth.http import AuthHttpConfig, PeerAddress, StaticTenantResolver
from bymax_auth.repositories.memory import InMemoryUserRepository

config = AuthConfig.secure_defaults(
    environment="development",  # plain HTTP on this machine; leave it out in production
    jwt={"secret": secrets.token_urlsafe(48)},  # in production: `bymax-auth keygen`
    roles={"hierarchy": {"ADMIN": ["USER"], "USER": []}},
    tenancy={"resolver": StaticTenantResolver("default")},  # one tenant for every request
    email_verification={"required": False},
)
users = InMemoryUserRepository()
engine = AuthEngine(config, users=users, stores=EmbeddedStores())
app = FastAPI(lifespan=engine_lifespan(engine), redirect_slashes=False)
install(app, engine, AuthHttpConfig(PeerAddress()))


@app.websocket("/live")
async def live(socket: WebSocket, user: WsAuthUser, ended: Ended) -> None:
    login = ended(user)
    await socket.accept()
    async with asyncio.TaskGroup() as tasks:
        receiving = tasks.create_task(receive(socket, login))
        ending = tasks.create_task(login.wait())
        first, _ = await asyncio.wait((receiving, ending), return_when=asyncio.FIRST_COMPLETED)
        receiving.cancel()
        ending.cancel()
    if receiving not in first:
        reason = ending.result()
        await socket.close(reason.close_code, reason)


async def receive(socket: WebSocket, login: OpenLogin) -> None:
    async for text in socket.iter_text():
        command, _, ticket = text.partition(" ")
        if command == "renew":
            await renew(socket, login, ticket)
        else:
            await socket.send_text(f"You said: {text}")


async def renew(socket: WebSocket, login: OpenLogin, ticket: str) -> None:
    try:
        await login.renew(ticket)
    except AuthError:
        await socket.send_text("That ticket is not valid.")
    else:
        await socket.send_text(f"You may stay until {login.expires_at:%H:%M}.")
