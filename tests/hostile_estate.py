"""An estate whose strangers' words are hostile: names, ids, tags, workloads, reasons, descriptions; planned, as a lake holds it."""

import random

from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.workspace import Workspace
from tasks.planning import publish_plan
from tests.planned_estate import ACCOUNT, REGION, SEEN_AT, dependency, logged, resource, server, take_snapshot

SCRIPT = "</script><script>window.pwned=1</script>"
WORDS = (
    SCRIPT,
    '"><img src=x onerror="window.pwned=1">',
    "javascript:window.pwned=1",
    "{{7*7}}${window.pwned=1}`",
    "]]><x a='1'/>&amp;&lt;",
    "quo\"te's back\\slash;--",
    "line\nfeed\r\ttab",
    "\x00\x07\x1b[31mcontrol\x7f\x9b",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "-2+3",
    "a\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
    "\u65e5\u672c \U0001f680",
    "x" * 10_000,
    "__proto__",
    "constructor",
    "<!--",
    "%s%n{0}",
)


def uids() -> list[str]:
    """One server for each hostile word, which its id holds."""
    return [server(f"i-{number}-{word}") for number, word in enumerate(WORDS)]


def take_hostile_plan(workspace: Workspace) -> tuple[str, str]:
    """The ids of a snapshot and of its plan."""
    chance = random.Random(5)
    servers = uids()
    rows = [resource(uid, name=word, tags={word: word, "Env": word, "App": word}) for uid, word in zip(servers, WORDS, strict=True)]
    groups = [f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-{word}" for word in WORDS[:6]]
    rows += [resource(uid, "AWS::EC2::SecurityGroup", name=word) for uid, word in zip(groups, WORDS, strict=False)]
    ends = [*servers, *(f"external:{word}" for word in WORDS[:4]), *(f"unknown:{word}" for word in WORDS[4:8])]
    edges = [
        dependency(uid, other, port=chance.randrange(1, 65_536), statements=[word], via=[word], periodicity=word, direction=word)
        for uid, word in zip(servers, WORDS, strict=True)
        for other in chance.sample([one for one in ends if one != uid], 3)
    ]
    snapshot_id = take_snapshot(
        workspace,
        rows,
        [(uid, groups[0], "security-group") for uid in servers],
        dependencies=list({(row["source_uid"], row["target_uid"], row["port"]): row for row in edges}.values()),
        flow_log_coverage=[logged(servers[0])],
        flow_log_sources=[
            {
                "source": f"s3://b/{word}",
                "account_id": ACCOUNT,
                "region": REGION,
                "found_by": "estate file",
                "status": "failed",
                "objects": 1,
                "new_objects": 1,
                "error_code": word,
                "missing_action": word,
                "detail": word,
                "read_objects": 0,
                "read_at": None,
                "attempted_at": None,
            }
            for word in WORDS
        ],
        shared_services=[
            {"uid": servers[1], "service": WORDS[0], "peers": 9, "ports": [53], "held_out": True, "reason": WORDS[1]},
        ],
        rule_findings=[
            {
                "rule_id": f"sgr-{word}",
                "group_uid": uid,
                "direction": "ingress",
                "protocol": 6,
                "from_port": 1,
                "to_port": 2,
                "peer": word,
                "finding": "unused",
                "open_to_world": True,
                "bearers": 1,
                "edges": 0,
                "bytes": 0,
                "days_logged": 1,
                "last_seen": SEEN_AT,
                "description": word,
            }
            for uid, word in zip(groups, WORDS, strict=False)
        ],
        workloads=[
            {"uid": uid, "workload": word, "source": "tag", "reason": word, "confidence": 1.0}
            for uid, word in zip(servers, WORDS, strict=True)
        ],
        risks=[
            {"uid": uid, "level": "high", "points": 40.0, "upper_points": 60.0, "not_measured": [WORDS[0]], "score": 60.0, "factors": []}
            for uid in servers
        ],
        risk_factors=[
            {
                "uid": uid,
                "factor": word,
                "points": 1.0,
                "upper_points": 2.0,
                "max_points": 3.0,
                "number": None,
                "unit": word,
                "evidence": word,
                "source": word,
            }
            for uid, word in zip(servers, WORDS, strict=True)
        ],
    )
    workspace.ledger.decide("acme", [Decision(DecisionKind.EXCLUDE, servers[2], WORDS[0], WORDS[1], WORDS[2], SEEN_AT)])
    plan = publish_plan.fn(workspace.estate, workspace.estate.planning, snapshot_id=snapshot_id, run_id="made")
    return snapshot_id, plan.plan_id
