"""A simulated estate for the demo and the tests, seeded into a local AWS emulator."""
