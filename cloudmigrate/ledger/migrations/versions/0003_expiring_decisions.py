"""Decisions that expire, and what held before each. Frozen: later changes are later revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns, null in what was decided before; the triggers that guard the table stay."""
    op.add_column("decisions", sa.Column("expires_on", sa.Text, nullable=True))
    op.add_column("decisions", sa.Column("before", sa.Text, nullable=True))
