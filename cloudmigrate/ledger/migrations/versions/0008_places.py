"""Places that waves which run at once share. Frozen: later changes are later revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Make the table; its rows come and go."""
    op.create_table(
        "places",
        sa.Column("plan_id", sa.Text, nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("step_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("holder_seq", COUNTER, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["holder_seq"], ["wave_holders.seq"], name="fk_places_holder_seq_wave_holders"),
        sa.PrimaryKeyConstraint("plan_id", "wave", "step_id", "name", name="pk_places"),
    )
    op.create_index("ix_places_name", "places", ["name"])
