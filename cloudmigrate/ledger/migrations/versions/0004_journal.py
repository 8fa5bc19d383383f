"""The journal of waves: who runs one, and what was done and undone of it. Frozen: later changes are later revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
STATES = "state in ('intent', 'done', 'failed', 'undoing', 'undone', 'undo_failed')"


def upgrade() -> None:
    """Make the tables, their indexes, and the triggers that keep their rows from being changed."""
    op.create_table(
        "wave_holders",
        sa.Column("seq", COUNTER, autoincrement=True, nullable=False),
        sa.Column("estate", sa.Text, nullable=False),
        sa.Column("plan_id", sa.Text, nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_wave_holders"),
    )
    op.create_index("ix_wave_holders_plan_id_wave", "wave_holders", ["plan_id", "wave"])
    op.create_table(
        "step_entries",
        sa.Column("seq", COUNTER, autoincrement=True, nullable=False),
        sa.Column("plan_id", sa.Text, nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("step_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("outputs", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("holder_seq", COUNTER, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(STATES, name="ck_step_entries_state"),
        sa.ForeignKeyConstraint(["holder_seq"], ["wave_holders.seq"], name="fk_step_entries_holder_seq_wave_holders"),
        sa.PrimaryKeyConstraint("seq", name="pk_step_entries"),
    )
    op.create_index("ix_step_entries_plan_id_wave", "step_entries", ["plan_id", "wave"])
    for table in ("wave_holders", "step_entries"):
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
