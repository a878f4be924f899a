@app.websocket("/live")
async def live(
    socket: WebSocket, user: WsAuthUser, ended: Ended
) -> None:
    login = ended(user)
    await socket.accept()
    # Signed out, revoked or expired.
    reason = await login.wait()
    await socket.close(reason.close_code, reason)
