"""The datasets of dependencies, risk and what follows from them; `datasets` joins them to the others. Ports as in `traffic_datasets`."""

import pyarrow as pa

from cloudmigrate.lake.dataset import UTC_TIME, Dataset, columns

TEXT, COUNT, SMALL, SHARE, YES = pa.string(), pa.int64(), pa.int32(), pa.float64(), pa.bool_()
TEXTS = pa.list_(pa.string())

DEPENDENCIES = Dataset(
    name="dependencies",
    grain="one row per (source, target, protocol, port): source needs target; plumbing folded",
    keys=("source_uid", "target_uid", "protocol", "port"),
    remarks={
        "kind": "traffic, config, both",
        "protocol": "null where only configuration says so",
        "port": "null where only configuration says so",
        "bytes": "both halves, each counted once",
        "confidence": "0..1: the traffic's; 1 where configuration states it",
        "allowed": "whether rules and routes let it through now; null where that could not be told",
        "statements": "the kinds of relations that state it",
        "via": "plumbing that was folded into this edge (target groups, interfaces, listeners)",
    },
    schema=columns(
        ("source_uid", TEXT),
        ("target_uid", TEXT),
        ("kind", TEXT),
        ("bytes", COUNT),
        ("packets", COUNT),
        ("flows", COUNT),
        ("confidence", SHARE),
        ("observed", YES),
        ("configured", YES),
        nullable=(
            ("protocol", SMALL),
            ("port", SMALL),
            ("first_seen", UTC_TIME),
            ("last_seen", UTC_TIME),
            ("allowed", YES),
            ("resolution", TEXT),
            ("direction", TEXT),
            ("periodicity", TEXT),
            ("days_seen", SMALL),
            ("days_logged", SMALL),
            ("statements", TEXTS),
            ("via", TEXTS),
        ),
    ),
)
PLUMBING = Dataset(
    name="plumbing",
    grain="one row per resource that is folded into another (target group, interface, mapping, address): it moves with that",
    keys=("uid",),
    remarks={"into_uid": "the resource that stands for it in dependencies", "reason": "in words"},
    schema=columns(("uid", TEXT), ("into_uid", TEXT), ("reason", TEXT)),
)
RULE_FINDINGS = Dataset(
    name="rule_findings",
    grain="one row per security group rule",
    keys=("rule_id",),
    remarks={
        "rule_id": "group/direction/protocol/ports/peer: all that tells a rule from others of its group",
        "finding": "used, unused (never seen in use in the window), not_measured (some bearer has no fully logged day), no_bearer",
        "peer": "CIDR, security group uid or prefix list that the rule names",
        "bearers": "resources that bear the group",
        "edges": "observed edges that the rule lets through, or may",
        "days_logged": "the fewest fully logged days of any bearer; null without one",
    },
    schema=columns(
        ("rule_id", TEXT),
        ("group_uid", TEXT),
        ("direction", TEXT),
        ("protocol", SMALL),
        ("from_port", SMALL),
        ("to_port", SMALL),
        ("peer", TEXT),
        ("finding", TEXT),
        ("open_to_world", YES),
        ("bearers", SMALL),
        ("edges", COUNT),
        ("bytes", COUNT),
        nullable=(("last_seen", UTC_TIME), ("days_logged", SMALL), ("description", TEXT)),
    ),
)
WORKLOADS = Dataset(
    name="workloads",
    grain="one row per resource with a workload",
    keys=("uid",),
    remarks={
        "source": "decision (a person's), mapping (the file's), tag, stack, auto_scaling_group, ecs_service, traffic",
        "reason": "why it was put there, in words",
        "confidence": "0..1",
    },
    schema=columns(("uid", TEXT), ("workload", TEXT), ("source", TEXT), ("reason", TEXT), ("confidence", SHARE)),
)
SHARED_SERVICES = Dataset(
    name="shared_services",
    grain="one row per resource that serves many (DNS, directory, NTP, monitoring, proxy, bastion)",
    keys=("uid",),
    remarks={
        "service": "dns, directory, ntp, monitoring, logging, proxy, bastion, other",
        "held_out": "left out of grouping; false where a person put it back",
        "peers": "distinct resources that talk with it",
    },
    schema=columns(
        ("uid", TEXT), ("service", TEXT), ("peers", SMALL), ("ports", pa.list_(pa.int32())), ("held_out", YES), ("reason", TEXT)
    ),
)
RISKS = Dataset(
    name="risks",
    grain="one row per resource that can migrate",
    keys=("uid",),
    json_columns=("factors",),
    remarks={
        "level": "low, medium, high, critical: by score",
        "points": "what is known",
        "upper_points": "with every factor that was not measured at its maximum",
        "not_measured": "factors without a measurement",
        "score": "what the level goes by: upper_points, 0..100",
        "factors": "list of what adds to the score, most first: factor, points, upper_points, max_points (why: risk_factors)",
    },
    schema=columns(
        ("uid", TEXT),
        ("level", TEXT),
        ("points", SHARE),
        ("upper_points", SHARE),
        ("not_measured", TEXTS),
        nullable=(("score", SHARE), ("factors", TEXT)),
    ),
)
RISK_FACTORS = Dataset(
    name="risk_factors",
    grain="one row per (resource, factor)",
    keys=("uid", "factor"),
    remarks={
        "points": "what is known",
        "upper_points": "the factor's maximum where it was not measured",
        "source": "what it is told from: flow_logs, metrics, rules, inventory, tags",
        "evidence": "why it has its points, as a sentence",
        "number": "what the points come from; null where not measured",
        "unit": "of number",
    },
    schema=columns(
        ("uid", TEXT),
        ("factor", TEXT),
        ("points", SHARE),
        ("upper_points", SHARE),
        ("max_points", SHARE),
        ("source", TEXT),
        ("evidence", TEXT),
        nullable=(("number", SHARE), ("unit", TEXT)),
    ),
)
WORKLOAD_RISKS = Dataset(
    name="workload_risks",
    grain="one row per workload",
    keys=("workload",),
    remarks={
        "level": "by upper_points: those of its riskiest resource, and more for size and exchanges with other workloads",
        "points": "what is known",
        "resources": "of it that can migrate",
        "reason": "in words; its points add up to upper_points",
    },
    schema=columns(("workload", TEXT), ("level", TEXT), ("points", SHARE), ("upper_points", SHARE), ("resources", SMALL), ("reason", TEXT)),
)
NEEDED_RULES = Dataset(
    name="needed_rules",
    grain="one row per rule that a move group's observed traffic needs; fewer would break it, more were never used",
    keys=("plan_id", "move_group", "direction", "protocol", "port", "peer"),
    per_plan=True,
    remarks={
        "direction": "ingress, egress",
        "peer": "another move group, a resource that stays, or a CIDR",
        "peer_kind": "move_group, resource, cidr, aws_service",
    },
    schema=columns(
        ("plan_id", TEXT),
        ("move_group", TEXT),
        ("direction", TEXT),
        ("protocol", SMALL),
        ("port", SMALL),
        ("peer", TEXT),
        ("peer_kind", TEXT),
        ("edges", COUNT),
        ("bytes", COUNT),
        ("confidence", SHARE),
        nullable=(("last_seen", UTC_TIME),),
    ),
)

DEPENDENCY_DATASETS: tuple[Dataset, ...] = (
    DEPENDENCIES,
    PLUMBING,
    RULE_FINDINGS,
    WORKLOADS,
    SHARED_SERVICES,
    RISKS,
    RISK_FACTORS,
    WORKLOAD_RISKS,
    NEEDED_RULES,
)
