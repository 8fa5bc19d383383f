"""YAML that comes back as it went: read by a loader of YAML 1.1, and held against one of 1.2's ways of reading."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reports.iac.yaml_text import yaml_scalar, yaml_text

# Whatever some version of YAML reads as a truth value, a number, a day, nothing, a tag, an alias, a comment or a structure.
READ_AS_OTHERS = (
    *("on", "Off", "YES", "n", "y", "True", "null", "Null", "~", "", "None", ".nan", "-.INF", "inf"),
    *("0123", "0o17", "0x1f", "1_000", "12:30:45", "1e3", "1.5", "-1", "+1", ".5", "2026-11-28", "2026-11-28T12:00:00Z", "<<", "="),
    *("!x", "!Ref x", "&a", "*a", "%a", "@a", "`a", "# a", "a # b", "a: b", "a:", ": a", "- a", "-", "? a", "|", ">", "[a]", "{a: b}"),
    *(" a", "a ", "a\nb", "a\r\nb", "\n", "\ta", "a\x00b", "a\x07", "\x7f", "\x85", "\xa0", "\u2028", "\ufeff", "zürich", "木", "😀"),
    *('"', "'", "\\", "\\n", "a\"b'c", "${x}", "${AWS::Region}", "%{x}", "{{resolve:ssm:x}}", "---", "...", "arn:aws:s3:::a/*"),
)


@pytest.mark.parametrize("text", READ_AS_OTHERS)
def test_text_comes_back_as_it_is(text: str) -> None:
    document = {"value": text, text: "key", "list": [text, [text], {text: text}]}
    assert yaml.safe_load(yaml_text(document)) == document


def test_what_only_later_versions_read_as_numbers_is_quoted_too() -> None:
    # YAML 1.2 reads 1e3 and 0o17 as numbers; 1.1 does not.
    assert [yaml_scalar(one) for one in ("1e3", "0o17", "e3", "AWS::S3::Bucket", "t3.micro")] == [
        '"1e3"',
        '"0o17"',
        "e3",
        "AWS::S3::Bucket",
        "t3.micro",
    ]


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_every_value_comes_back_as_it_is(document: dict[str, Any]) -> None:
    assert (yaml.safe_load(yaml_text(document)) or {}) == document


def test_half_of_a_pair_of_surrogates_becomes_the_sign_for_what_cannot_be_shown() -> None:
    assert yaml.safe_load(yaml_text({"a": "x\ud800y"})) == {"a": "x\ufffdy"}


def test_a_key_that_is_longer_than_readers_look_for_comes_back() -> None:
    document = {"a" * 3_000: {"b": [1]}, "c": 2}
    assert yaml.safe_load(yaml_text(document)) == document


def test_blocks_look_as_people_write_them() -> None:
    document = {"Resources": {"A": {"Type": "AWS::SQS::Queue", "Tags": [{"Key": "on", "Value": "1"}, "x"], "Empty": [], "Nothing": {}}}}
    assert yaml_text(document) == (
        "Resources:\n"
        "  A:\n"
        "    Type: AWS::SQS::Queue\n"
        "    Tags:\n"
        '      - Key: "on"\n'
        '        Value: "1"\n'
        "      - x\n"
        "    Empty: []\n"
        "    Nothing: {}\n"
    )
