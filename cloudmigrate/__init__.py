"""CloudMigrate's core: what would exist if Prefect did not."""

__version__ = "0.1.0"
