"""Runs, snapshots, editions, parts, plans, series, read marks and audit events. Frozen: later changes are later revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
APPEND_ONLY = ("editions", "parts", "plans", "series_parts", "windows", "snapshot_series", "read_marks", "audit_events")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, INSTANT, nullable=nullable)


def _counter(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    return sa.Column("seq", COUNTER, autoincrement=True, nullable=False), sa.PrimaryKeyConstraint("seq", name=f"pk_{table}")


def _refers(table: str, columns: list[str], target: str, target_columns: list[str]) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(columns, [f"{target}.{column}" for column in target_columns], name=f"fk_{table}_{'_'.join(columns)}")


def upgrade() -> None:
    """Make the tables, their indexes, and the triggers that keep history from being changed."""
    _make_runs_and_snapshots()
    _make_parts_and_plans()
    _make_series()
    _make_marks_and_audit()
    for table in APPEND_ONLY:
        _guard(table)


def _make_runs_and_snapshots() -> None:
    op.create_table(
        "runs",
        _text("run_id"),
        _text("flow"),
        _text("estate"),
        _text("parameters"),
        _instant("started_at"),
        _instant("finished_at", nullable=True),
        _text("status"),
        _text("error", nullable=True),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
        sa.CheckConstraint("status in ('running', 'done', 'failed')", name=op.f("ck_runs_status")),
    )
    op.create_index("ix_runs_estate_started_at", "runs", ["estate", "started_at"])
    op.create_table(
        "snapshots",
        _text("snapshot_id"),
        _text("estate"),
        _text("run_id"),
        _text("scope"),
        _instant("started_at"),
        _instant("committed_at", nullable=True),
        sa.PrimaryKeyConstraint("snapshot_id", name="pk_snapshots"),
        _refers("snapshots", ["run_id"], "runs", ["run_id"]),
    )
    op.create_index("ix_snapshots_estate_started_at", "snapshots", ["estate", "started_at"])


def _make_parts_and_plans() -> None:
    op.create_table(
        "editions",
        *_counter("editions"),
        _text("snapshot_id"),
        _text("dataset"),
        _text("edition"),
        _instant("published_at"),
        sa.UniqueConstraint("snapshot_id", "dataset", "edition", name="uq_editions_snapshot_id_dataset_edition"),
        _refers("editions", ["snapshot_id"], "snapshots", ["snapshot_id"]),
    )
    op.create_table(
        "parts",
        _text("snapshot_id"),
        _text("dataset"),
        _text("edition"),
        _text("path"),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", "dataset", "edition", "path", name="pk_parts"),
        _refers("parts", ["snapshot_id", "dataset", "edition"], "editions", ["snapshot_id", "dataset", "edition"]),
    )
    op.create_table(
        "plans",
        *_counter("plans"),
        _text("plan_id"),
        _text("snapshot_id"),
        _text("content_hash"),
        _text("path"),
        _instant("created_at"),
        _instant("committed_at"),
        sa.UniqueConstraint("plan_id", name="uq_plans_plan_id"),
        _refers("plans", ["snapshot_id"], "snapshots", ["snapshot_id"]),
    )
    op.create_index("ix_plans_snapshot_id", "plans", ["snapshot_id"])


def _make_series() -> None:
    op.create_table(
        "series_parts",
        *_counter("series_parts"),
        _text("path"),
        _text("series"),
        _text("account_id"),
        _text("region"),
        _text("type"),
        _text("kind"),
        sa.Column("period_s", sa.Integer, nullable=False),
        _instant("collected_at"),
        _instant("range_from"),
        _instant("range_to"),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        _text("uid_min"),
        _text("uid_max"),
        _text("run_id"),
        _instant("committed_at"),
        sa.UniqueConstraint("path", name="uq_series_parts_path"),
        sa.CheckConstraint("kind in ('regular', 'backfill')", name=op.f("ck_series_parts_kind")),
        _refers("series_parts", ["run_id"], "runs", ["run_id"]),
    )
    op.create_index("ix_series_parts_series_account_id_region_type", "series_parts", ["series", "account_id", "region", "type"])
    op.create_table(
        "windows",
        *_counter("windows"),
        _text("snapshot_id"),
        _instant("window_start"),
        _instant("window_end"),
        _instant("bound_at"),
        _refers("windows", ["snapshot_id"], "snapshots", ["snapshot_id"]),
    )
    op.create_index("ix_windows_snapshot_id", "windows", ["snapshot_id"])
    op.create_table(
        "snapshot_series",
        sa.Column("window_seq", COUNTER, autoincrement=False, nullable=False),
        _text("path"),
        _instant("valid_from"),
        _instant("valid_to"),
        sa.PrimaryKeyConstraint("window_seq", "path", "valid_from", name="pk_snapshot_series"),
        _refers("snapshot_series", ["window_seq"], "windows", ["seq"]),
        _refers("snapshot_series", ["path"], "series_parts", ["path"]),
    )


def _make_marks_and_audit() -> None:
    op.create_table(
        "read_marks",
        *_counter("read_marks"),
        _text("source"),
        _text("mark"),
        _text("run_id"),
        _instant("updated_at"),
        _refers("read_marks", ["run_id"], "runs", ["run_id"]),
    )
    op.create_index("ix_read_marks_source", "read_marks", ["source"])
    op.create_table(
        "audit_events",
        sa.Column("seq", COUNTER, autoincrement=False, nullable=False),
        _instant("at"),
        _text("actor"),
        _text("action"),
        _text("subject"),
        _text("detail"),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_events"),
        sa.UniqueConstraint("prev_hash", name="uq_audit_events_prev_hash"),
        sa.UniqueConstraint("hash", name="uq_audit_events_hash"),
    )


def _guard(table: str) -> None:
    """Refuse every update and delete of *table*'s rows (the names are constants of this file)."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f"create trigger {table}_keep_{act} before {act} on {table} begin select raise(abort, '{table} is append-only'); end"
            )
        return
    op.execute(
        "create or replace function ledger_keep() returns trigger language plpgsql as "
        "$$ begin raise exception '% is append-only', tg_table_name; end $$"
    )
    op.execute(
        f"create trigger {table}_keep before update or delete or truncate on {table} for each statement execute function ledger_keep()"
    )
