"""Secrets planted anywhere never come out; what is no secret stays readable."""

import json
import string
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudmigrate.masking import LONGEST, masked, masked_text

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\nq9Zp\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password=hunter2 then", "password=*** then"),
        ("Password: hunter2", "Password: ***"),
        ("DB_PASSWORD='correct horse' next", "DB_PASSWORD=*** next"),
        ('{"password": "a\\"b", "user": "ana"}', '{"password": ***, "user": "ana"}'),
        (r"{\"password\": \"a b\", \"user\": 1}", r"{\"password\": ***, \"user\": 1}"),
        ("{'MasterUserPassword': 'a b', 'x': 1}", "{'MasterUserPassword': ***, 'x': 1}"),
        ("connect(password='a b', user='ana')", "connect(password=***, user='ana')"),
        ("('password', 'a b')", "('password', ***)"),
        ("postgresql://ana:p@ss/w@db:5432/x", "postgresql://ana:***@db:5432/x"),
        ("redis://:hunter2@cache:6379", "redis://:***@cache:6379"),
        (f"aws_secret_access_key = {SECRET_KEY}", "aws_secret_access_key = ***"),
        (f"used {SECRET_KEY} once", "used *** once"),
        ("key AKIAIOSFODNN7EXAMPLE.", "key AKIA***."),
        ("ASIAIOSFODNN7EXAMPLE", "ASIA***"),
        ("Authorization: Bearer abc.def\nHost: x", "Authorization: ***\nHost: x"),
        (
            "{'Authorization': b'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/2026, Signature=abc', 'Host': b'x'}",
            "{'Authorization': ***, 'Host': b'x'}",
        ),
        ("https://b.s3/x?X-Amz-Date=1&X-Amz-Signature=ab12", "https://b.s3/x?X-Amz-Date=1&X-Amz-Signature=***"),
        ("https://b.s3/x?X-Amz-Security-Token=FwoGZX", "https://b.s3/x?X-Amz-Security-Token=***"),
        ("X-Amz-Security-Token: FwoGZX a\nHost: x", "X-Amz-Security-Token: ***\nHost: x"),
        ("<SecretAccessKey>abc</SecretAccessKey>", "<SecretAccessKey>***</SecretAccessKey>"),
        ("<SessionToken>abc</SessionToken>", "<SessionToken>***</SessionToken>"),
        (f"got {JWT} from", "got *** from"),
        (f"key:\n{PEM}\nend", "key:\n***\nend"),
        ("cut -----BEGIN PRIVATE KEY-----\nMIIEpAIB", "cut ***"),
        ("Cookie: session=1; b=2\nx", "Cookie: ***\nx"),
        ("token=abc", "token=***"),
        ("EXPIRED password=hunter2", "EXPIRED password=***"),
        ("a://b:1/c://u:hunter2@h", "a://b:1/c://u:***@h"),
        ("client_secret: abc", "client_secret: ***"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "***"),
    ],
)
def test_secrets_in_text_are_masked(text: str, expected: str) -> None:
    assert masked_text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "An error occurred (ExpiredToken) when calling the X operation: The security token included in the request is expired",
        "ExpiredToken: The security token",
        "account 111111111111: no credentials: run aws sso login (NoCredentials). Next: sign in.",
        "http://127.0.0.1:5000/bucket@v1",
        "arn:aws:secretsmanager:eu-west-1:111111111111:secret:prod/db-AbCdEf",
        "AWS::SecretsManager::Secret=3",
        "secret=arn:aws:secretsmanager:eu-west-1:111111111111:secret:prod/db-AbCdEf",
        "NextToken=abc",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/MyAlb12/50dc6c495c0c9188",
        "sqlite:////var/lib/ledger.db",
        "s3://bucket/prefix",
        "postgresql+psycopg://ana@db/x",
        "Next: check the user and the password variable of the ledger url.",
        "compass: north, bypass=1",
        "20261122T203000Z-3f9a1c",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert masked_text(text) == text


@dataclass
class Holder:
    password: str
    user: str


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"password": "x", "user": "ana"}, {"password": "***", "user": "ana"}, id="name"),
        pytest.param({"password": 1234, "passwords_seen": 2}, {"password": "***", "passwords_seen": 2}, id="number"),
        pytest.param(
            {"password": None, "secret": "", "token": False}, {"password": None, "secret": "", "token": False}, id="nothing-to-hide"
        ),
        pytest.param({"SecretAccessKey": ["x", "y"]}, {"SecretAccessKey": "***"}, id="list-under-name"),
        pytest.param({"AWS::SecretsManager::Secret": 3, "tokens": 4}, {"AWS::SecretsManager::Secret": 3, "tokens": 4}, id="counts"),
        pytest.param({"a": [{"b": ({"sessionToken": "x"},)}]}, {"a": [{"b": [{"sessionToken": "***"}]}]}, id="deep"),
        pytest.param({b"Authorization": b"x"}, {"b'Authorization'": "***"}, id="bytes"),
        pytest.param([("Authorization", "x"), ("Host", "y")], [["Authorization", "***"], ["Host", "y"]], id="pairs"),
        pytest.param(["psql", "--password", "x", "-v"], ["psql", "--password", "***", "-v"], id="arguments"),
        pytest.param({"Key": "DB_PASSWORD", "Value": "x"}, {"Key": "DB_PASSWORD", "Value": "***"}, id="tag"),
        pytest.param({"Key": "Name", "Value": "x"}, {"Key": "Name", "Value": "x"}, id="other-tag"),
        pytest.param(MappingProxyType({"token": "x"}), {"token": "***"}, id="read-only-mapping"),
        pytest.param({"AKIAIOSFODNN7EXAMPLE": 1}, {"AKIA***": 1}, id="secret-as-key"),
        pytest.param({(1, "a"): 2}, {"(1, 'a')": 2}, id="tuple-as-key"),
        pytest.param(b"password=\xffx", "password=***", id="bytes-text"),
        pytest.param({"b", "a"}, ["a", "b"], id="set"),
        pytest.param(ValueError("password=x"), "password=***", id="exception"),
        pytest.param(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), id="instant"),
        pytest.param({"next_token": "abc"}, {"next_token": "abc"}, id="page-token"),
    ],
)
def test_nested_values_are_masked_in_place(value: Any, expected: Any) -> None:
    assert masked(value) == expected


def test_an_objects_repr_is_masked() -> None:
    assert masked(Holder("a b", "ana")) == "Holder(password=***, user='ana')"


def test_a_value_that_contains_itself_ends() -> None:
    loop: dict[str, Any] = {"a": 1}
    loop["self"] = [loop]
    assert masked(loop) == {"a": 1, "self": ["..."]}


def test_long_text_is_cut_without_leaving_half_a_secret() -> None:
    text = "x " * (LONGEST // 2 - 6) + "AKIAIOSFODNN7EXAMPLE " + "y" * 100
    result = masked_text(text)
    assert result.endswith("... (cut)")
    assert "AKIA" not in result


@pytest.mark.parametrize(
    "piece", ["eyJ", "://a:", "password", '"', "a", "-----BEGIN PRIVATE KEY", "password='", "\\", "<a:", " ", "token:"]
)
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * LONGEST)[: LONGEST - 1]
    began = time.monotonic()
    masked_text(text)
    assert time.monotonic() - began < 3


# Each kind of secret, as (the secret itself, how it stands in a text). Planted anywhere below.
LETTERS = string.ascii_letters + string.digits
RANDOM = st.text(LETTERS + "!#$%*+-_~^", min_size=12, max_size=40).map(lambda text: f"Zq7{text}")
PLANTS = st.one_of(
    st.text(string.ascii_uppercase + string.digits, min_size=16, max_size=16).map(lambda rest: (f"AKIA{rest}", f"AKIA{rest}")),
    st.sampled_from([(SECRET_KEY, SECRET_KEY), (JWT, JWT), ("MIIEpAIBAAKCAQEA7", PEM)]),
    st.tuples(
        RANDOM,
        st.sampled_from(
            [
                "password={}",
                "PASSWORD: {}",
                "db_password = '{}'",
                '{{"SecretAccessKey": "{}"}}',
                "{{'client_secret': '{}'}}",
                "https://ana:{}@host/x",
                "postgresql+psycopg://ana:{}@127.0.0.1:5432/db",
                "Authorization: Bearer {}",
                "authorization: {}",
                "X-Amz-Security-Token={}&a=1",
                "https://h/?a=1&X-Amz-Signature={}",
                "<SessionToken>{}</SessionToken>",
                "api_key={}",
                "token={}",
            ]
        ),
    ).map(lambda pair: (pair[0], pair[1].format(pair[0]))),
)
SURROUNDINGS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\\\"'<>=:@/"), max_size=30)
LEAVES = st.one_of(st.none(), st.integers(), st.text(max_size=20), st.binary(max_size=20))


def nested(leaf: Any) -> st.SearchStrategy[Any]:
    """*leaf* somewhere inside lists, tuples, mappings (as value or key), bytes, exceptions and JSON text."""
    inner = st.one_of(st.just(leaf), st.just(ValueError(leaf)), st.just(leaf.encode()))
    return st.recursive(
        inner,
        lambda child: st.one_of(
            st.tuples(st.lists(LEAVES, max_size=2), child).map(lambda pair: [*pair[0], pair[1]]),
            child.map(lambda one: (one,)),
            st.tuples(st.text(max_size=8), child).map(lambda pair: {pair[0]: pair[1], "other": 1}),
            st.just({leaf: "as a key"}),
            st.just(json.dumps({"text": leaf})),
            st.just(frozenset([leaf])),
        ),
        max_leaves=6,
    )


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_secret_planted_anywhere_never_comes_out(data: st.DataObject) -> None:
    secret, plant = data.draw(PLANTS)
    before, after = data.draw(SURROUNDINGS), data.draw(SURROUNDINGS)
    value = data.draw(nested(f"{before} {plant} {after}"))

    result = masked({"event": value})

    assert secret not in json.dumps(result, ensure_ascii=False, default=repr)
