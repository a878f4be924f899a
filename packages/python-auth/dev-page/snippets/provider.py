class Hooks(AuthHooks):
    async def on_oauth_login(
        self,
        profile: OAuthProfile,
        existing_user: SafeAuthUser | None,
        context: HookContext,
    ) -> OAuthDecision:
        if existing_user is not None:
            return Link()
        if profile.email.endswith("@example.com"):
            return Create()
        return Reject("not one of us")
