"""Acts: how each kind of step is done, found again, awaited and undone, as records over the cloud's own API calls."""
