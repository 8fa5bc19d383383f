"""report.json: the view as data, in a shape that scripts can rely on."""

import json
from dataclasses import replace
from typing import Any

from reports.readiness import render_json
from reports.readiness.document import as_data
from tests.reports.sample_evidence import sample_report
from tests.reports.sample_views import sample_view


def paths(value: Any, prefix: str = "") -> set[str]:
    """Every key of a JSON document as a dotted path; [] stands for the items of an array."""
    if isinstance(value, dict):
        return set().union(*(paths(item, f"{prefix}.{key}" if prefix else key) for key, item in value.items()))
    if isinstance(value, list):
        return set().union({f"{prefix}[]"}, *(paths(item, f"{prefix}[]") for item in value))
    return {prefix}


SCALARS = {"format", "estate_name", "snapshot_id", "snapshot_at", "idle_cpu_p95_below_pct"}
RECORDS = {
    "totals": {"resources", "types", "accounts", "regions", "stateful", "storage_bytes", "copies_bytes", "unsized"},
    "metrics_window": {"asked_from_at", "asked_to_at", "first_at", "last_at"},
    "by_type[]": {"type", "resources", "stateful", "storage_bytes"},
    "by_place[]": {"account_id", "region", "resources", "stateful", "storage_bytes"},
    "coverage[]": {"account_id", "region", "service", "type", "status", "error_code", "missing_action", "detail", "resources"},
    "checks[]": {"dataset", "check_name", "severity", "passed", "checked_rows", "failed_rows", "sample", "detail"},
    "measured[]": {"type", "asked", "with_data", "no_data", "refused"},
    "idle[]": {"uid", "rule", "metric", "unit", "value", "max", "coverage_share"},
    "relations[]": {"source_uid", "target_uid", "kind"},
    "kinds[]": {"kind", "role", "relations", "sources", "targets", "unresolved"},
    "most_needed[]": {"uid", "dependents"},
    "plan.no_wave[]": {"reason", "type", "resources"},
}


def test_the_shape_is_stable() -> None:
    found = paths(json.loads(render_json(sample_view(120))))
    assert found >= SCALARS
    for record, keys in RECORDS.items():
        assert {path.removeprefix(f"{record}.") for path in found if path.startswith(f"{record}.")} == keys, record
    assert {"plan.waves[].wave", "plan.waves[].needs_waves[]", "plan.groups[].members[]", "plan.plan_id", "plan.content_hash"} <= found
    assert {"gaps[].missing_action", "gaps[].next_step", "trust.accounts.not_seen", "trust.gap_look_ups"} <= found
    assert {"resources[].uid", "resources[].tags[][]", "resources[].wave", "usage[].p995", "profiles[].means[]"} <= found


PART_2 = {
    "dependencies[]": {"source_uid", "target_uid", "kind", "protocol", "port", "bytes", "packets", "flows", "confidence", "observed"}
    | {"configured", "allowed", "first_seen", "last_seen", "resolution", "direction", "periodicity", "days_seen", "days_logged"}
    | {"statements[]", "via[]"},
    "shared[]": {"uid", "service", "peers", "held_out", "reason", "ports[]"},
    "rules[]": {"rule_id", "group_uid", "direction", "protocol", "from_port", "to_port", "peer", "finding", "open_to_world", "bearers"}
    | {"edges", "bytes", "last_seen", "description", "days_logged"},
    "risks[]": {"uid", "level", "points", "upper_points", "not_measured[]"},
    "risk_factors[]": {"uid", "factor", "points", "upper_points", "max_points", "evidence", "number", "unit", "source"},
    "members[]": {"uid", "workload", "source", "reason", "confidence"},
    "plan.crossings[]": {"source_group", "target_group", "source_wave", "target_wave", "bytes_per_day", "edges"},
    "plan.freeze_windows[]": {"first_on", "last_on", "reason", "environments[]"},
}


def test_the_document_holds_all_that_the_page_shows() -> None:
    document = json.loads(render_json(sample_report(120)))
    found = paths(document)
    for record, keys in PART_2.items():
        shape = {path.removeprefix(f"{record}.").replace("[].", "[]") for path in found if path.startswith(f"{record}.")}
        assert {path for path in shape if "." not in path} == keys, record
    assert {"flow_logs.places[].missing_action", "flow_logs.chances[].monthly_seen_probability", "workloads[].reasons[]"} <= found
    assert {"needed_rules[].peer_kind", "plan.cuts[].edges[].bytes_per_s", "plan.pins[].refused[]", "plan.held_out[].uid"} <= found
    assert document["plan"]["waves"][0]["starts_on"] == "2026-12-15"


def test_the_format_is_named_first() -> None:
    text = render_json(sample_view(1))
    assert text.startswith('{\n "format": "cloudmigrate.readiness/1"')
    assert text.isascii()
    assert text.endswith("}\n")


def test_instants_are_utc_with_a_z() -> None:
    assert json.loads(render_json(sample_view(1)))["snapshot_at"] == "2026-11-22T20:30:00Z"


def test_hostile_names_come_back_unchanged() -> None:
    view = sample_view(1)
    name = '</script>"\u202e\u2028\x00'
    document = json.loads(render_json(replace(view, resources=(replace(view.resources[0], name=name),))))
    assert document["resources"][0]["name"] == name


def test_not_a_number_is_null() -> None:
    assert as_data((float("nan"), float("inf"), 1.5)) == [None, None, 1.5]


def test_same_view_same_bytes() -> None:
    assert render_json(sample_view(60)) == render_json(sample_view(60))
