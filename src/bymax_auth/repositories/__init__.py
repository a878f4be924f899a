"""Account repositories of the library: in memory, and in any SQL database."""
