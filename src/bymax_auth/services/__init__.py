"""Services that several flows share, each with one subject."""
