"""What we say: frozen view records turned into reports."""
