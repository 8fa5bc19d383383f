"""With whose keys: saved, typed configuration."""
