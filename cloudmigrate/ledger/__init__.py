"""The state store: snapshots, plans, runs, read marks, audit events."""
