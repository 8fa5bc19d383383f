"""Decisions of people: pins, exclusions, workloads, shared services. Frozen: later changes are later revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Make the table, its index, and the triggers that keep its rows from being changed."""
    op.create_table(
        "decisions",
        sa.Column("seq", COUNTER, autoincrement=True, nullable=False),
        sa.Column("estate", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_decisions"),
    )
    op.create_index("ix_decisions_estate_kind_subject", "decisions", ["estate", "kind", "subject"])
    _guard()


def _guard() -> None:
    """Refuse every update and delete; revision 0001 made PostgreSQL's function."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f"create trigger decisions_keep_{act} before {act} on decisions begin select raise(abort, 'decisions is append-only'); end"
            )
        return
    op.execute(
        "create trigger decisions_keep before update or delete or truncate on decisions for each statement execute function ledger_keep()"
    )
