"""The ledger's tables. History is only ever added; what changes is a run that ends, a snapshot that is committed, and places, no history.

The migrations make the tables; these records are what queries are written against, and a test compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from cloudmigrate.ledger.columns import Counter, Instant, Json, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", Words, primary_key=True),
    Column("flow", Words, nullable=False),
    Column("estate", Words, nullable=False),
    Column("parameters", Json, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("status", Words, nullable=False),
    Column("error", Words),
    CheckConstraint("status in ('running', 'done', 'failed')", name="status"),
    Index(None, "estate", "started_at"),
)
snapshots = Table(
    "snapshots",
    metadata,
    Column("snapshot_id", Words, primary_key=True),
    Column("estate", Words, nullable=False),
    Column("run_id", Words, ForeignKey("runs.run_id"), nullable=False),
    Column("scope", Json, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("committed_at", Instant),  # null: not visible
    Index(None, "estate", "started_at"),
)
# An edition is one publication of one dataset of a snapshot: the newest is what a view shows.
editions = Table(
    "editions",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("snapshot_id", Words, ForeignKey("snapshots.snapshot_id"), nullable=False),
    Column("dataset", Words, nullable=False),
    Column("edition", Words, nullable=False),
    Column("published_at", Instant, nullable=False),
    UniqueConstraint("snapshot_id", "dataset", "edition"),
)
parts = Table(
    "parts",
    metadata,
    Column("snapshot_id", Words, primary_key=True),
    Column("dataset", Words, primary_key=True),
    Column("edition", Words, primary_key=True),
    Column("path", Words, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    ForeignKeyConstraint(["snapshot_id", "dataset", "edition"], ["editions.snapshot_id", "editions.dataset", "editions.edition"]),
)
plans = Table(
    "plans",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("plan_id", Words, nullable=False, unique=True),
    Column("snapshot_id", Words, ForeignKey("snapshots.snapshot_id"), nullable=False, index=True),
    Column("content_hash", Words, nullable=False),
    Column("path", Words, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("committed_at", Instant, nullable=False),
)
series_parts = Table(
    "series_parts",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("path", Words, nullable=False, unique=True),
    Column("series", Words, nullable=False),
    Column("account_id", Words, nullable=False),
    Column("region", Words, nullable=False),
    Column("type", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("period_s", Integer, nullable=False),
    Column("collected_at", Instant, nullable=False),
    Column("range_from", Instant, nullable=False),
    Column("range_to", Instant, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("uid_min", Words, nullable=False),
    Column("uid_max", Words, nullable=False),
    Column("run_id", Words, ForeignKey("runs.run_id"), nullable=False),
    Column("committed_at", Instant, nullable=False),
    CheckConstraint("kind in ('regular', 'backfill')", name="kind"),
    Index(None, "series", "account_id", "region", "type"),
)
# One selection of series by a snapshot; a later one replaces it in the view, and both stay.
windows = Table(
    "windows",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("snapshot_id", Words, ForeignKey("snapshots.snapshot_id"), nullable=False, index=True),
    Column("window_start", Instant, nullable=False),
    Column("window_end", Instant, nullable=False),
    Column("bound_at", Instant, nullable=False),
)
snapshot_series = Table(
    "snapshot_series",
    metadata,
    Column("window_seq", Counter, ForeignKey("windows.seq"), primary_key=True, autoincrement=False),
    Column("path", Words, ForeignKey("series_parts.path"), primary_key=True),
    Column("valid_from", Instant, primary_key=True),
    Column("valid_to", Instant, nullable=False),
)
read_marks = Table(
    "read_marks",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("source", Words, nullable=False, index=True),
    Column("mark", Json, nullable=False),
    Column("run_id", Words, ForeignKey("runs.run_id"), nullable=False),
    Column("updated_at", Instant, nullable=False),
)
# What a person decided about a resource of an estate; the newest on each (kind, subject) holds, and a null value takes back.
decisions = Table(
    "decisions",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("estate", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("value", Words),
    Column("reason", Words, nullable=False),
    Column("decided_by", Words, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("expires_on", Words),  # the last day on which it holds, ISO 8601
    Column("before", Words),  # what held when it was decided
    Index(None, "estate", "kind", "subject"),
)
# Who ran a wave, one row per taking over; only who took it last may write its journal.
wave_holders = Table(
    "wave_holders",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("estate", Words, nullable=False),
    Column("plan_id", Words, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("holder", Words, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Index(None, "plan_id", "wave"),
)
# What was done, and undone, of a wave: a line before and after each act.
step_entries = Table(
    "step_entries",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("plan_id", Words, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("step_id", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("outputs", Json, nullable=False),
    Column("error", Words, nullable=False),
    Column("holder_seq", Counter, ForeignKey("wave_holders.seq"), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint("state in ('intent', 'done', 'failed', 'undoing', 'undone', 'undo_failed')", name="state"),
    Index(None, "plan_id", "wave"),
)
# What steps that run now share with those of other waves: the only rows that come and go.
places = Table(
    "places",
    metadata,
    Column("plan_id", Words, primary_key=True),
    Column("wave", Integer, primary_key=True, autoincrement=False),
    Column("step_id", Words, primary_key=True),
    Column("name", Words, primary_key=True, index=True),
    Column("holder_seq", Counter, ForeignKey("wave_holders.seq"), nullable=False),
    Column("expires_at", Instant, nullable=False),
)
# What somebody wants to pass a gate with, and what people signed in answer. The columns are the very text that is signed.
approval_requests = Table(
    "approval_requests",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("request_id", String(64), nullable=False, unique=True),
    Column("estate", Words, nullable=False),
    Column("plan_id", Words, nullable=False),
    Column("plan_hash", Words, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("gate", Words, nullable=False),
    Column("steps_hash", Words, nullable=False),
    Column("preflight_hash", Words, nullable=False),
    Column("requested_by", Words, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("signature", Words, nullable=False),
    CheckConstraint("gate in ('execution', 'cutover', 'no_return', 'clean_up')", name="gate"),
    Index(None, "estate", "plan_id", "wave"),
)
approval_answers = Table(
    "approval_answers",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("request_id", String(64), ForeignKey("approval_requests.request_id"), nullable=False, index=True),
    Column("decision", Words, nullable=False),
    Column("approver", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("answered_at", Instant, nullable=False),
    Column("head_seq", BigInteger, nullable=False),
    Column("head_hash", String(64), nullable=False),
    Column("signature", Words, nullable=False),
    CheckConstraint("decision in ('approve', 'reject')", name="decision"),
)
# What was checked before a wave, and how it was judged.
preflights = Table(
    "preflights",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("estate", Words, nullable=False),
    Column("plan_id", Words, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("steps_hash", Words, nullable=False),
    Column("preflight_hash", Words, nullable=False),
    Column("document", Json, nullable=False),
    Column("checked_by", Words, nullable=False),
    Column("checked_at", Instant, nullable=False),
    Index(None, "plan_id", "wave"),
)
# With which steps a wave was begun: they are carried out and taken back whatever the estate file says since.
wave_starts = Table(
    "wave_starts",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("estate", Words, nullable=False),
    Column("plan_id", Words, nullable=False),
    Column("plan_hash", Words, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("steps_hash", Words, nullable=False),
    Column("steps", Json, nullable=False),
    Column("preflight_hash", Words, nullable=False),
    Column("started_by", Words, nullable=False),
    Column("started_at", Instant, nullable=False),
    Index(None, "plan_id", "wave"),
)
# What people said and signed of steps by hand: done, or taken back. The columns are the very text that is signed.
confirmations = Table(
    "confirmations",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("estate", Words, nullable=False),
    Column("plan_id", Words, nullable=False),
    Column("plan_hash", Words, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("step_id", Words, nullable=False),
    Column("step_hash", Words, nullable=False),
    Column("is_done", Boolean, nullable=False),
    Column("person", Words, nullable=False),
    Column("note", Words, nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("signature", Words, nullable=False),
    Index(None, "plan_id", "wave"),
)
audit_events = Table(
    "audit_events",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("detail", Json, nullable=False),
    Column("prev_hash", String(64), nullable=False, unique=True),  # unique: the database itself refuses a fork
    Column("hash", String(64), nullable=False, unique=True),
)

# Rows of these are never changed nor removed; triggers hold it against mistakes, the audit chain against intent.
APPEND_ONLY = (
    editions,
    parts,
    plans,
    series_parts,
    windows,
    snapshot_series,
    read_marks,
    decisions,
    wave_holders,
    step_entries,
    approval_requests,
    approval_answers,
    preflights,
    wave_starts,
    confirmations,
    audit_events,
)
