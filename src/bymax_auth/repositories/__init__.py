"""Account repositories that come with the library: in memory, and over any SQL database."""
