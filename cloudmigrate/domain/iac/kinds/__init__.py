"""The types of the source, by families."""
