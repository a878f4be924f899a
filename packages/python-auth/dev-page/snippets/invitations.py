config = AuthConfig.secure_defaults(
    **settings,
    invitations={
        "enabled": True,
        "token_ttl": 7 * 86_400,
    },
)
