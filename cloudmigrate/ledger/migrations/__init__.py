"""The ledger's schema, step by step (Alembic)."""

from pathlib import Path

FOLDER = Path(__file__).parent
VERSION_TABLE = "ledger_version"
NEWEST = "0008"  # the revision this release works with; a test compares it with the folder
