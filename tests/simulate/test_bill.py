"""The demo's bill, worked out by hand from the price book's figures: what is running, what is paid for already, what has no figure."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from cloudmigrate.simulate.bill import WINDOWS_IMAGE, Usage, answer_of, reckoned
from cloudmigrate.simulate.estate.parts import EUROPE, OWN
from cloudmigrate.simulate.things import Place, Thing

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)  # 720 and 744 hours
DISK = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 100, "VolumeType": "gp3"}}]


def server(key: str, kind: str = "m5.large", image: str = "ami-linux") -> Thing:
    return Thing(key, "AWS::EC2::Instance", {"InstanceType": kind, "ImageId": image, "BlockDeviceMappings": DISK})


def test_a_month_by_hand() -> None:
    """Frankfurt: m5.large with Windows 0.207 an hour, gp3 0.0952 and snapshots 0.054 a gigabyte (70 of 100 written), a key 1 a month.

    The first three of the m5.large with Linux are paid all upfront; the fourth costs 0.115 an hour. A database in two zones has no figure.
    """
    steps = (
        *(server(f"linux-{number}") for number in range(4)),
        server("windows", image=WINDOWS_IMAGE),
        Thing("disk", "AWS::EC2::Volume", {"Size": 100, "VolumeType": "gp3"}),
        Thing("copy", "AWS::EC2::Snapshot", {"VolumeId": "${disk}"}),
        Thing("key", "AWS::KMS::Key", {}),
        Thing("db", "AWS::RDS::DBInstance", {"DBInstanceClass": "db.r6g.large", "Engine": "postgres", "MultiAZ": True}),
    )
    bill = reckoned(NOW, places=[Place(OWN, EUROPE, steps)])
    assert bill.amounts[OWN, OCTOBER] == {
        "Amazon Elastic Compute Cloud - Compute": (Decimal("0.115") + Decimal("0.207")) * 744,
        "EC2 - Other": 600 * Decimal("0.0952") + 70 * Decimal("0.054"),
        "AWS Key Management Service": 1,
    }
    assert bill.amounts[OWN, SEPTEMBER]["Amazon Elastic Compute Cloud - Compute"] == Decimal("0.322") * 720
    assert bill.unpriced == (("AmazonRDS", "Multi-AZUsage:db.r6g.large"),)


def test_cost_explorer_answers_by_month_and_service() -> None:
    bill = reckoned(NOW, places=[Place(OWN, EUROPE, (Thing("key", "AWS::KMS::Key", {}),))])
    periods = answer_of(bill, OWN)["ResultsByTime"]
    assert isinstance(periods, list)
    assert [one["TimePeriod"] for one in periods] == [
        {"Start": "2026-09-01", "End": "2026-10-01"},
        {"Start": "2026-10-01", "End": "2026-11-01"},
    ]
    amount = {"UnblendedCost": {"Amount": "1.0000000000", "Unit": "USD"}}
    assert periods[0]["Groups"] == [{"Keys": ["AWS Key Management Service"], "Metrics": amount}]


def test_messages_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """October has 744 hours. 1,000 messages an hour are 2,232,000 requests, the first million free: 1,232,000 at 0.40 a million.

    2,000 publications an hour are 1,488,000, the first million free: 488,000 at 0.50 a million.
    """
    an_hour = {"NumberOfMessagesSent": Decimal(1000), "NumberOfMessagesPublished": Decimal(2000)}
    monkeypatch.setattr(Usage, "total", lambda _, name: an_hour[name])
    steps = (
        Thing("orders", "AWS::SQS::Queue", {"QueueName": "orders"}),
        Thing("order-events", "AWS::SNS::Topic", {"Name": "order-events"}),
    )
    bill = reckoned(NOW, places=[Place(OWN, EUROPE, steps)])
    assert bill.amounts[OWN, OCTOBER] == {
        "Amazon Simple Queue Service": Decimal("0.4928"),
        "Amazon Simple Notification Service": Decimal("0.244"),
    }
