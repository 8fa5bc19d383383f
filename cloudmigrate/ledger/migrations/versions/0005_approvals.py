"""Approvals: what was asked before a gate, and the signed answers. Frozen: later changes are later revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Make the tables, their indexes, and the triggers that keep their rows from being changed."""
    op.create_table(
        "approval_requests",
        sa.Column("seq", COUNTER, autoincrement=True, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("estate", sa.Text, nullable=False),
        sa.Column("plan_id", sa.Text, nullable=False),
        sa.Column("plan_hash", sa.Text, nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("steps_hash", sa.Text, nullable=False),
        sa.Column("preflight_hash", sa.Text, nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.CheckConstraint("gate in ('execution', 'cutover', 'no_return', 'clean_up')", name="ck_approval_requests_gate"),
        sa.PrimaryKeyConstraint("seq", name="pk_approval_requests"),
        sa.UniqueConstraint("request_id", name="uq_approval_requests_request_id"),
    )
    op.create_index("ix_approval_requests_estate_plan_id_wave", "approval_requests", ["estate", "plan_id", "wave"])
    op.create_table(
        "approval_answers",
        sa.Column("seq", COUNTER, autoincrement=True, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("approver", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.Column("head_seq", sa.BigInteger, nullable=False),
        sa.Column("head_hash", sa.String(64), nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.CheckConstraint("decision in ('approve', 'reject')", name="ck_approval_answers_decision"),
        sa.ForeignKeyConstraint(["request_id"], ["approval_requests.request_id"], name="fk_approval_answers_request_id_approval_requests"),
        sa.PrimaryKeyConstraint("seq", name="pk_approval_answers"),
    )
    op.create_index("ix_approval_answers_request_id", "approval_answers", ["request_id"])
    for table in ("approval_requests", "approval_answers"):
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
