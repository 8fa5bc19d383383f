"""The sentence beside each factor: its number, where it comes from, and what was not seen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cloudmigrate.domain.risk_evidence import SENTENCES, sentence
from cloudmigrate.domain.risk_factors import FACTORS, GIB
from cloudmigrate.domain.risk_facts import Degree, ResourceFacts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
UNREAD = ResourceFacts("db", "AWS::RDS::DBInstance")
READ = ResourceFacts(
    uid="db",
    type="AWS::RDS::DBInstance",
    stateful=True,
    storage_bytes=200 * GIB,
    inbound=Degree(23, 18, 20.4),
    outbound=Degree(1, 0, 0.5),
    fully_logged_days=14,
    monthly_seen_probability=14 / 30,
    public_address=False,
    open_rules=1,
    engine="mysql",
    engine_version="5.7.44",
    created_at=NOW - timedelta(days=400),
    criticality="gold",
    cpu_p99_pct=75.04,
    writes_p99_per_s=1500.0,
)


def test_every_factor_has_its_sentence() -> None:
    assert list(SENTENCES) == [factor.name for factor in FACTORS]


@pytest.mark.parametrize(
    ("factor", "one", "told"),
    [
        ("inbound_dependencies", READ, "23 others need it, 18 of them seen in traffic (weighted 20.4)"),
        ("inbound_dependencies", replace(READ, inbound=Degree(1, 1, 1.0)), "1 other needs it, 1 of them seen in traffic (weighted 1)"),
        ("inbound_dependencies", replace(READ, inbound=Degree()), "nothing is known to need it"),
        (
            "inbound_dependencies",
            replace(READ, inbound=Degree(), fully_logged_days=None, inbound_unread="AWS::S3::Bucket"),
            "nothing is known to need it; there may be more, as flow logs do not cover it and AWS::S3::Bucket could not be read whole",
        ),
        ("inbound_dependencies", UNREAD, "nothing is known to need it; there may be more, as flow logs do not cover it"),
        ("outbound_dependencies", READ, "1 other is needed by it, 0 of them seen in traffic (weighted 0.5)"),
        (
            "outbound_dependencies",
            replace(READ, outbound=Degree(), outbound_unread=True),
            "it is not known to need anything; there may be more, as its own configuration could not be read whole",
        ),
        ("missing_evidence", READ, "what happens once a month would have been seen with probability 0.47 (14 fully logged days)"),
        ("missing_evidence", UNREAD, "no flow logs of it were read, so nothing that happens only now and then can be ruled out"),
        ("data_volume", READ, "200.0 GiB to carry over"),
        ("data_volume", UNREAD, "its size was not read"),
        ("statefulness", READ, "holds data that must not diverge during the move"),
        ("statefulness", replace(READ, stateful=False), "holds no data that the move must keep in step"),
        ("statefulness", UNREAD, "whether it holds data was not read"),
        ("downtime_tolerance", READ, 'tagged "gold": class 2 of 3'),
        (
            "downtime_tolerance",
            UNREAD,
            "no tag says how critical it is (criticality, business-criticality, businesscriticality, tier, importance, sla)",
        ),
        ("target_complexity", READ, "AWS::RDS::DBInstance, class 4 of 5: replicated, with its data kept in step until the cutover"),
        ("target_complexity", replace(READ, type="AWS::New::Thing"), "the table has no type AWS::New::Thing"),
        ("exposure", READ, "no public address; 1 rule open to the world"),
        ("exposure", replace(READ, public_address=True, open_rules=0), "a public address; 0 rules open to the world"),
        (
            "exposure",
            replace(READ, type="AWS::S3::Bucket", public_address=True, open_rules=1),
            "its policy or ACL lets everybody in, and no block of public access keeps them out",
        ),
        (
            "exposure",
            replace(READ, type="AWS::S3::Bucket", public_address=False, open_rules=0),
            "neither policy nor ACL lets everybody in, or public access is blocked",
        ),
        (
            "exposure",
            replace(READ, type="AWS::S3::Bucket", public_address=None, open_rules=None),
            "whether it lets everybody in was not read",
        ),
        ("exposure", replace(READ, type="AWS::SQS::Queue", public_address=True, open_rules=1), "its policy lets everybody in"),
        ("exposure", UNREAD, "whether it has a public address was not read; what may reach it was not read"),
        ("peak_load", READ, "99 of 100 CPU readings were at or under 75.0 %"),
        ("peak_load", UNREAD, "its CPU was not measured"),
        ("change_rate", READ, "99 of 100 readings were at or under 1,500.0 writes a second"),
        ("change_rate", UNREAD, "its writes were not measured"),
        ("age", READ, "400 days old: created on 2025-10-18"),
        ("age", replace(READ, may_be_older=True), "400 days old at least: it was there on 2025-10-18"),
        ("age", UNREAD, "the service does not tell when it was created"),
        ("end_of_life", READ, "mysql 5.7.44: standard support ended on 2024-02-29 (RDS for MySQL, read on 2026-08-22)"),
        (
            "end_of_life",
            replace(READ, engine_version="8.4.4"),
            "mysql 8.4.4: standard support ends on 2029-07-31 (RDS for MySQL, read on 2026-08-22)",
        ),
        (
            "end_of_life",
            replace(READ, engine="redis", engine_version="7.1.0"),
            "redis 7.1.0: in standard support, no end announced (ElastiCache for Redis OSS, read on 2026-08-22)",
        ),
        ("end_of_life", replace(READ, engine="oracle-ee", engine_version="19"), "the table of support dates has no oracle-ee 19"),
        ("end_of_life", replace(UNREAD, engine="redis"), "which version of redis it runs was not read"),
        ("end_of_life", UNREAD, "its engine or runtime was not read"),
        (
            "end_of_life",
            replace(UNREAD, runtime="python3.9"),
            "python3.9: standard support ended on 2025-12-15 (Lambda runtimes, read on 2026-08-22)",
        ),
    ],
)
def test_a_sentence_by_hand(factor: str, one: ResourceFacts, told: str) -> None:
    assert sentence(factor, one, as_of=NOW) == told
