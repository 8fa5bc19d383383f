"""Waves: with which steps each was begun, and what people confirmed of steps by hand. Frozen: later changes are later revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Make the tables, their indexes, and the triggers that keep their rows from being changed."""
    op.create_table(
        "wave_starts",
        sa.Column("seq", COUNTER, autoincrement=True, nullable=False),
        sa.Column("estate", sa.Text, nullable=False),
        sa.Column("plan_id", sa.Text, nullable=False),
        sa.Column("plan_hash", sa.Text, nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("steps_hash", sa.Text, nullable=False),
        sa.Column("steps", sa.Text, nullable=False),
        sa.Column("preflight_hash", sa.Text, nullable=False),
        sa.Column("started_by", sa.Text, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_wave_starts"),
    )
    op.create_index("ix_wave_starts_plan_id_wave", "wave_starts", ["plan_id", "wave"])
    op.create_table(
        "confirmations",
        sa.Column("seq", COUNTER, autoincrement=True, nullable=False),
        sa.Column("estate", sa.Text, nullable=False),
        sa.Column("plan_id", sa.Text, nullable=False),
        sa.Column("plan_hash", sa.Text, nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("step_id", sa.Text, nullable=False),
        sa.Column("step_hash", sa.Text, nullable=False),
        sa.Column("is_done", sa.Boolean, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_confirmations"),
    )
    op.create_index("ix_confirmations_plan_id_wave", "confirmations", ["plan_id", "wave"])
    for table in ("wave_starts", "confirmations"):
        _guard(table)


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
