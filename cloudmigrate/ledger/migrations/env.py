"""Alembic's entry: runs the revisions on the connection that the ledger hands in, inside its transaction and lock."""

from alembic import context

from cloudmigrate.ledger.migrations import VERSION_TABLE
from cloudmigrate.ledger.tables import metadata

# SQLite's DDL is transactional once the driver's own transaction handling is off, which the ledger's engine sees to.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
