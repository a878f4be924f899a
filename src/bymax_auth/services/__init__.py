"""What several flows share, each service with one subject."""
