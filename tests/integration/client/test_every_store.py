"""A client goes through a whole login, and meets an expired token in many tasks and threads at once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from bymax_auth.client import (
    ApiError,
    AuthClient,
    Authenticated,
    BymaxAuth,
    NoSession,
    RotatedTokens,
    Session,
    SyncAuthClient,
    TokenProof,
)
from bymax_auth.errors import InvalidCredentials, RefreshTokenInvalid
from tests.integration.client.deployments import CREDENTIALS, CountingApp, expire, meeting
from tests.integration.http.world import EMAIL, NEW_PASSWORD, PASSWORD, TENANT, World
from tests.servers.asgi import served
from tests.servers.patience import PATIENCE

TASKS, THREADS = 50, 10


@pytest.fixture
def app(world: World) -> CountingApp:
    return CountingApp(world.driver.app)


@pytest.fixture
async def url(app: CountingApp) -> AsyncIterator[str]:
    """The address of a real socket."""
    async with served(app, timeout_graceful_shutdown=1) as address:
        yield f"http://{address}"


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """As many threads as a test asks for; the event loop's own pool has as few as the machine has cores."""
    with ThreadPoolExecutor(THREADS) as pool:
        yield pool


async def test_a_login_is_used_renewed_and_ended(world: World, url: str) -> None:
    """Whoever signs in by a service or a script must get what a browser gets, and no more."""
    async with AuthClient(url) as auth, AuthClient(url) as other:
        signed_in = await auth.login(**CREDENTIALS)
        assert isinstance(signed_in, Authenticated)
        assert (await auth.me()).id == signed_in.result.user.id == "u1"
        before = auth.session.held
        after = await auth.refresh()
        assert before.refresh_token != after.refresh_token
        await other.login(**CREDENTIALS)
        assert [one.is_current for one in await other.list_sessions()].count(True) == 1
        await other.revoke_other_sessions()
        with pytest.raises(ApiError) as refused:
            await auth.me()
        assert refused.value.refusal is RefreshTokenInvalid
        assert auth.has_session
        kept = other.session.held
        await other.logout()
        with pytest.raises(NoSession):
            await other.me()
        async with AuthClient(url, session=Session(kept)) as stale:
            with pytest.raises(ApiError) as ended:
                await stale.refresh()
        assert ended.value.status == 401


async def test_a_call_that_meets_a_refresh_keeps_its_own_login(world: World, url: str) -> None:
    """Whoever changes the password while another task refreshes would be signed out by it."""
    async with AuthClient(url) as auth, AuthClient(url) as phone:
        await auth.login(**CREDENTIALS)
        await phone.login(**CREDENTIALS)
        async with AuthClient(url, session=Session(auth.session.held)) as on_the_way:
            await auth.refresh()
            await on_the_way.change_password(current_password=PASSWORD, new_password=NEW_PASSWORD)
        async with AuthClient(url, session=Session(await auth.refresh())) as on_the_way:
            await auth.refresh()
            await on_the_way.revoke_other_sessions()
        assert (await auth.me()).email == EMAIL
        with pytest.raises(ApiError):
            await phone.me()


async def test_a_link_sets_a_password(world: World, url: str) -> None:
    """A tool that recovers accounts must send the proof under the one name that the server reads."""
    async with AuthClient(url) as auth:
        await auth.forgot_password(EMAIL, TENANT)
        await world.engine.drain()
        proof = TokenProof(world.mailer.last(to=EMAIL).code)
        await auth.reset_password(email=EMAIL, new_password=NEW_PASSWORD, proof=proof, tenant_id=TENANT)
        with pytest.raises(ApiError) as refused:
            await auth.login(**CREDENTIALS)
        assert refused.value.refusal is InvalidCredentials
        assert isinstance(await auth.login(**{**CREDENTIALS, "password": NEW_PASSWORD}), Authenticated)


async def test_tasks_and_threads_that_meet_an_expired_token_share_one_refresh(
    world: World, app: CountingApp, url: str, threads: ThreadPoolExecutor
) -> None:
    """A second exchange of one refresh token looks like theft, and ends the login for everybody."""
    session, loop = Session(), asyncio.get_running_loop()
    async with AuthClient(url, session=session) as auth:
        with SyncAuthClient(url, session=session) as blocking:
            await auth.login(**CREDENTIALS)
            expired = session.held
            expire(world)
            meeting(app, "/auth/me", TASKS + THREADS)
            users = await asyncio.gather(
                *(auth.me() for _ in range(TASKS)),
                *(loop.run_in_executor(threads, blocking.me) for _ in range(THREADS)),
            )
    assert {user.id for user in users} == {"u1"}
    assert session.held.access_token != expired.access_token
    assert app.paths == {"/auth/me": 2 * (TASKS + THREADS), "/auth/refresh": 1}


async def test_clients_of_an_api_share_one_refresh(
    world: World, app: CountingApp, url: str, threads: ThreadPoolExecutor
) -> None:
    """Whoever calls an API from many places would otherwise be signed out by its own success."""
    session, loop = Session(), asyncio.get_running_loop()
    me = f"{url}/auth/me"
    async with AuthClient(url, session=session) as auth:
        with SyncAuthClient(url, session=session) as blocking:
            await auth.login(**CREDENTIALS)
            expire(world)
            meeting(app, "/auth/me", TASKS + THREADS)
            async with httpx2.AsyncClient(auth=BymaxAuth(auth), timeout=PATIENCE) as api:
                with httpx2.Client(auth=BymaxAuth(blocking), timeout=PATIENCE) as blocking_api:
                    answers = await asyncio.gather(
                        *(api.get(me) for _ in range(TASKS)),
                        *(loop.run_in_executor(threads, blocking_api.get, me) for _ in range(THREADS)),
                    )
    assert {answer.status_code for answer in answers} == {200}
    assert app.paths == {"/auth/me": 2 * (TASKS + THREADS), "/auth/refresh": 1}


async def test_a_refresh_that_fails_keeps_the_session(world: World, app: CountingApp, url: str) -> None:
    """A client that forgot its login on a refusal would lose one that an outage only delayed."""
    session = Session(RotatedTokens(access_token="a.b.c", refresh_token="0" * 64))
    async with AuthClient(url, session=session) as auth:
        meeting(app, "/auth/me", TASKS)
        outcomes = await asyncio.gather(*(auth.me() for _ in range(TASKS)), return_exceptions=True)
        assert auth.has_session
    refusals = [outcome for outcome in outcomes if isinstance(outcome, ApiError)]
    assert {refusal.code for refusal in refusals} == {"auth.refresh_token_invalid"}
    assert len({id(refusal) for refusal in refusals}) == TASKS
    assert app.paths["/auth/me"] == TASKS
