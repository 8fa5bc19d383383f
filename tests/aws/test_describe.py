"""Items become resources that any file, database or terminal can hold; secrets are gone before anything is kept."""

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.aws.describe import clean, instant, json_safe, resource_of, tags_of
from cloudmigrate.aws.resource_type import Item, ResourceType
from cloudmigrate.domain.resources import Resource
from tests.aws.engine_rows import INSTANCE, VOLUME, row

HOSTILE = "<script>alert(1)</script>'\";--../../etc/passwd ${jndi:ldap://x} \u202e"


def described(item: Item, of: ResourceType = INSTANCE) -> Resource:
    found = resource_of(of, item, partition="aws", account_id="111111111111", region="eu-west-1")
    assert found is not None
    return found


def test_an_instance_whole() -> None:
    item = {
        "InstanceId": "i-1",
        "State": {"Name": "Running", "Code": 16},
        "LaunchTime": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "Tags": [{"Key": "Name", "Value": "web"}, {"Key": "app", "Value": "shop"}],
        "NetworkInterfaces": [{"PrivateIpAddress": "10.0.0.1"}, {"PrivateIpAddress": "10.0.0.2"}, {"PrivateIpAddress": "10.0.0.1"}],
    }
    assert described(item) == Resource(
        uid="arn:aws:ec2:eu-west-1:111111111111:instance/i-1",
        provider="aws",
        account_id="111111111111",
        region="eu-west-1",
        type="AWS::EC2::Instance",
        name="web",
        state="running",
        tags={"Name": "web", "app": "shop"},
        spec=item | {"LaunchTime": "2026-01-02T03:04:05Z"},
        stateful=False,
        storage_bytes=None,
        private_ips=("10.0.0.1", "10.0.0.2"),
        created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("tag", "own_name", "expected"),
    [
        ("web", "sg-web", "web"),
        ("", "sg-web", "sg-web"),
        ("   ", "sg-web", "sg-web"),
        (None, "sg-web", "sg-web"),
        (None, None, "i-1"),
        (None, "", "i-1"),
        ("two\nlines\tand\rmore", None, "two lines and more"),
        ("bell\x07esc\x1b[31m", None, "bell\ufffdesc\ufffd[31m"),
        ("lone \ud800 surrogate", None, "lone \ufffd surrogate"),
        ("naïve 名前 🐘", None, "naïve 名前 🐘"),
        (HOSTILE, None, HOSTILE),
    ],
)
def test_name(tag: str | None, own_name: str | None, expected: str) -> None:
    named = row("T", service="ec2", operation="x", path="x", id="Id", arn="arn:{id}", name="OwnName")
    tags = [] if tag is None else [{"Key": "Name", "Value": tag}]
    assert described({"Id": "i-1", "OwnName": own_name, "Tags": tags}, named).name == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([{"Key": "a", "Value": "1"}], {"a": "1"}),
        ([{"key": "a", "value": "1"}], {"a": "1"}),
        ({"a": "1"}, {"a": "1"}),
        ([{"Key": "no-value"}], {"no-value": ""}),
        ([{"Key": "k\x00", "Value": "v\ud83d"}], {"k\ufffd": "v\ufffd"}),
        ([{"Key": "k", "Value": "x" * 10_000}], {"k": "x" * 10_000}),
        ([{"Key": "k", "Value": HOSTILE}], {"k": HOSTILE}),
        ([{"Value": "without a key"}, "no tag"], {}),
        (None, {}),
        ("tags", {}),
    ],
)
def test_tags(raw: Any, expected: dict[str, str]) -> None:
    assert tags_of(raw) == expected


def test_spec_is_json_without_bytes_streams_and_nan() -> None:
    item = {
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "naive": datetime(2026, 1, 1, 12),  # noqa: DTZ001 - what some parsers give
        "day": date(2026, 1, 2),
        "blob": b"secret bytes",
        "stream": io.BytesIO(b"x"),
        "price": Decimal("1.5"),
        "whole": Decimal("7"),
        "nan": float("nan"),
        "huge": 2**70,
        "names": {"b", "a"},
        "list": [1, b"x", {"deep": b"y", "kept": None}],
    }
    assert json_safe(item) == {
        "at": "2026-01-01T00:00:00Z",
        "naive": "2026-01-01T12:00:00Z",
        "day": "2026-01-02",
        "price": 1.5,
        "whole": 7,
        "nan": None,
        "huge": str(2**70),
        "names": ["a", "b"],
        "list": [1, {"kept": None}],
    }


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("1.50", 1.5),
        ("7", 7),
        ("7.0", 7),
        ("9223372036854775807", 2**63 - 1),
        ("1E+28", "1E+28"),
        ("1E+999999", "1E+999999"),
        ("1E-999", 0.0),
    ],
)
def test_numbers_of_any_size(value: str, told: object) -> None:
    assert json_safe(Decimal(value)) == told


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.datetimes() | st.decimals(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_whatever_is_answered_can_be_written_as_json_and_utf8(value: Any) -> None:
    text = json.dumps(json_safe(value), allow_nan=False, ensure_ascii=False)
    assert json.loads(text.encode()) == json_safe(value)


@given(st.text())
def test_clean_text_is_utf8_without_control_characters_and_stays_clean(text: str) -> None:
    once = clean(text)
    assert once.encode().decode() == once
    assert not any(ord(char) < 32 and char not in "\t\n\r" for char in once)
    assert clean(once) == once
    assert len(once) == len(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_700_000_000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        (1_700_000_000_000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("1700000000", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("2023-11-14T22:13:20.000+0000", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("2023-11-14T23:13:20+01:00", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("2023-11-14T22:13:20Z", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("yesterday", None),
        (None, None),
        (True, None),
        (10**30, None),
    ],
)
def test_instant(value: Any, expected: datetime | None) -> None:
    assert instant(value) == expected


def test_redaction_comes_before_everything() -> None:
    def without_password(item: Item) -> Item:
        return {**item, "Password": "redacted", "Tags": [{"Key": "Name", "Value": item["Tags"][0]["Value"].replace("hunter2", "***")}]}

    secret = row("T", service="x", operation="x", path="x", id="Id", arn="arn:{id}", name="Password", redact=without_password)
    found = described({"Id": "1", "Password": "hunter2", "Tags": [{"Key": "Name", "Value": "db-hunter2"}]}, secret)
    assert "hunter2" not in repr(found)
    assert found.name == "db-***"


@pytest.mark.parametrize(
    ("size", "expected"), [(8, 8 * 1024**3), ("8", 8 * 1024**3), (0, 0), (None, None), ("many", None), (True, None), (-1, None)]
)
def test_storage(size: Any, expected: int | None) -> None:
    assert described({"VolumeId": "v", "State": "in-use", "Size": size}, VOLUME).storage_bytes == expected


def test_an_item_without_id_is_no_resource() -> None:
    assert resource_of(INSTANCE, {"State": {"Name": "running"}}, partition="aws", account_id="1", region="r") is None


def test_state_that_the_item_does_not_tell() -> None:
    assert described({"InstanceId": "i"}).state == "unknown"
    stateless = row("T", service="x", operation="x", path="x", id="Id", arn="arn:{id}")
    assert described({"Id": "1"}, stateless).state == "active"
