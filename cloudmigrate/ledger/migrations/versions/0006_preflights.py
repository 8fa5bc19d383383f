"""Preflights: what was checked before a wave. Frozen: later changes are later revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Make the table, its index, and the triggers that keep its rows from being changed."""
    op.create_table(
        "preflights",
        sa.Column("seq", COUNTER, autoincrement=True, nullable=False),
        sa.Column("estate", sa.Text, nullable=False),
        sa.Column("plan_id", sa.Text, nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("steps_hash", sa.Text, nullable=False),
        sa.Column("preflight_hash", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("checked_by", sa.Text, nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_preflights"),
    )
    op.create_index("ix_preflights_plan_id_wave", "preflights", ["plan_id", "wave"])
    _guard("preflights")


def _guard(table: str) -> None:
    """Refuse every update and delete; revision 0001 made PostgreSQL's function."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f"create trigger {table}_keep_{act} before {act} on {table} begin select raise(abort, '{table} is append-only'); end"
            )
        return
    op.execute(
        f"create trigger {table}_keep before update or delete or truncate on {table} for each statement execute function ledger_keep()"
    )
