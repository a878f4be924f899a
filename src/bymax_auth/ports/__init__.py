"""What the engine needs from the world.  Import from the module that names the port."""
