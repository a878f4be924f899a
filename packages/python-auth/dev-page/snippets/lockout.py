config = AuthConfig.secure_defaults(
    **settings,
    brute_force={
        "max_attempts": 5,
        "window": 900,
    },
)
