"""Backups: how old the newest one of everything that moves is. A table by type; a new itinerary adds rows to `BACKED_UP`.

That a backup can be restored is not seen, nor are backups that neither EBS, RDS nor AWS Backup made.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.questions import Answers, Kind, Question, Unseen, WaveFacts, failed, passed, unseen
from cloudmigrate.domain.preflight.quota_table import volumes_of
from cloudmigrate.domain.preflight.record import Check
from cloudmigrate.domain.resources import Resource

NAME = CheckName.BACKUPS
RECOVERY_POINTS = "RecoveryPoints[?Status=='COMPLETED'].CreationDate"
NOT_THERE = frozenset({"DBInstanceNotFound", "DBClusterNotFoundFault", "ResourceNotFoundException"})


def _vault(one: Resource) -> Question:
    """What AWS Backup holds of it."""
    params = {"ResourceArn": one.uid}
    return Question(one.account_id, one.region, "backup", "ListRecoveryPointsByResource", params, RECOVERY_POINTS, NOT_THERE, pages=True)


def _volume(one: Resource) -> tuple[Question, ...]:
    asked = {"OwnerIds": ["self"], "Filters": [{"Name": "volume-id", "Values": [str(one.spec.get("VolumeId"))]}]}
    reads = "Snapshots[?State=='completed'].StartTime"
    return (Question(one.account_id, one.region, "ec2", "DescribeSnapshots", asked, reads, pages=True), _vault(one))


def _database(one: Resource) -> tuple[Question, ...]:
    asked = {"DBInstanceIdentifier": str(one.spec.get("DBInstanceIdentifier"))}
    snapshots = "DBSnapshots[?Status=='available'].SnapshotCreateTime"
    return (
        Question(one.account_id, one.region, "rds", "DescribeDBSnapshots", asked, snapshots, NOT_THERE, pages=True),
        Question(one.account_id, one.region, "rds", "DescribeDBInstances", asked, "DBInstances[].LatestRestorableTime", NOT_THERE),
        _vault(one),
    )


def _cluster(one: Resource) -> tuple[Question, ...]:
    asked = {"DBClusterIdentifier": str(one.spec.get("DBClusterIdentifier"))}
    snapshots = "DBClusterSnapshots[?Status=='available'].SnapshotCreateTime"
    return (
        Question(one.account_id, one.region, "rds", "DescribeDBClusterSnapshots", asked, snapshots, NOT_THERE, pages=True),
        Question(one.account_id, one.region, "rds", "DescribeDBClusters", asked, "DBClusters[].LatestRestorableTime", NOT_THERE),
        _vault(one),
    )


# type -> the questions whose answers hold the instants of its backups.
BACKED_UP: Mapping[str, Callable[[Resource], tuple[Question, ...]]] = {
    "AWS::EC2::Volume": _volume,
    "AWS::RDS::DBInstance": _database,
    "AWS::RDS::DBCluster": _cluster,
    "AWS::EFS::FileSystem": lambda one: (_vault(one),),
    "AWS::DynamoDB::Table": lambda one: (_vault(one),),
    "AWS::S3::Bucket": lambda one: (_vault(one),),
}


def _moving(wave: WaveFacts) -> Iterator[Resource]:
    """Everything that moves and holds data: a server's volumes in its place; not what stays."""
    found: dict[str, Resource] = {}
    for one in wave.explained:
        source = wave.source_of(one)
        if source is None or one.step.act == "by_hand.retain":
            continue
        for part in volumes_of(wave, source).values() if source.type == "AWS::EC2::Instance" else (source,):
            if part.type in BACKED_UP:
                found[part.uid] = part
    yield from (found[uid] for uid in sorted(found))


def _asks(wave: WaveFacts) -> Iterator[Question]:
    if wave.estate.execution.backup_max_age_hours is not None:
        yield from (question for one in _moving(wave) for question in BACKED_UP[one.type](one))


def _judges(wave: WaveFacts, answers: Answers) -> Iterator[Check]:
    oldest = wave.estate.execution.backup_max_age_hours
    if oldest is not None:
        for one in _moving(wave):
            yield _judged(one, [answers[question] for question in BACKED_UP[one.type](one)], wave.now, timedelta(hours=oldest))


def _judged(one: Resource, found: list[Any], now: datetime, oldest: timedelta) -> Check:
    place = (one.account_id, one.region)
    instants = [_instant(at) for answer in found if not isinstance(answer, Unseen) for at in answer or ()]
    newest = max((at for at in instants if at is not None and at <= now), default=None)
    if newest is not None and now - newest <= oldest:
        return passed(NAME, one.uid, place, f"the newest is of {newest.isoformat()}, {_hours(now - newest)} old")
    lacking = [answer for answer in found if isinstance(answer, Unseen)]
    if lacking:
        return unseen(NAME, one.uid, place, *lacking)
    told = f"the newest is of {newest.isoformat()}, {_hours(now - newest)} old" if newest is not None else "there is none"
    advice = f"make one; at most {_hours(oldest)} are allowed (execution.backup_max_age_hours)"
    return failed(NAME, one.uid, place, told, advice, bends=True)


def _instant(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return None if not isinstance(value, datetime) else value if value.tzinfo else value.replace(tzinfo=UTC)


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.1f} h"


BACKUPS = Kind(NAME, _asks, _judges)
