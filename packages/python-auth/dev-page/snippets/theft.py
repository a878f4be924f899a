# A used refresh token ends its login: always.
# With this, the thief's access tokens end too.
config = AuthConfig.secure_defaults(
    **settings,
    sessions={
        "enabled": True,
        "reuse_bumps_epoch": True,
    },
)
