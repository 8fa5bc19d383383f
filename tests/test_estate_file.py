"""The estate file: what is read, and how every problem is named."""

import json
import re
import time
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from cloudmigrate.aws.regions import check_regions
from cloudmigrate.domain.estate import Estate
from cloudmigrate.errors.inputs import EstateFileError
from cloudmigrate.estate_file import estate_json_schema, load_estate, parse_estate, resolved
from cloudmigrate.estate_problems import MODELS
from cloudmigrate.estate_template import ESTATE_TEMPLATE

WHOLE = """\
estate: acme
lake: ./lake                      # or s3://bucket/prefix
ledger: sqlite:///ledger.db       # or postgresql+psycopg://...
accounts:
  - id: "111111111111"            # credentials of the caller
    regions: [eu-central-1, us-west-2]
  - id: "222222222222"
    role_arn: arn:aws:iam::222222222222:role/MigrationScan
    external_id: optional
    regions: [us-west-2]
metrics: {days: 14, period_s: 300}
flow_logs: ["s3://bucket/AWSLogs/111111111111/vpcflowlogs/eu-central-1/"]
"""
LEAST = 'estate: acme\naccounts: [{id: "111111111111", regions: [eu-central-1]}]\n'


def problems(text: str) -> list[str]:
    with pytest.raises(EstateFileError) as raised:
        parse_estate(text, "estate.yaml", check_regions=check_regions)
    return list(raised.value.problems)


def test_the_documented_example_is_read() -> None:
    estate = parse_estate(WHOLE, "estate.yaml", check_regions=check_regions)

    assert (estate.estate, estate.lake, estate.ledger, estate.reports) == ("acme", "./lake", "sqlite:///ledger.db", ())
    assert [account.id for account in estate.accounts] == ["111111111111", "222222222222"]
    assert estate.accounts[0].regions == ("eu-central-1", "us-west-2")
    assert estate.accounts[1].role_arn == "arn:aws:iam::222222222222:role/MigrationScan"
    assert estate.accounts[1].external_id == "optional"
    assert (estate.metrics.days, estate.metrics.period_s) == (14, 300)
    assert [source.account for source in estate.flow_log_sources()] == ["111111111111"]


def test_defaults_are_filled_in() -> None:
    estate = parse_estate(LEAST, "estate.yaml")
    assert (estate.lake, estate.ledger, estate.metrics.days, estate.flow_logs) == ("./lake", "sqlite:///ledger.db", 14, ())
    assert estate.traffic.days == 14


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", ["it is empty"], id="empty"),
        pytest.param("# only a comment\n---\n", ["it is empty"], id="comment-only"),
        pytest.param("- a\n", ["line 1, top level: must be fields (estate: ..., accounts: ...), not a list or a text"], id="list"),
        pytest.param("estate: acme\n\tlake: x\n", ["line 2, a tab stands where YAML takes spaces only"], id="tab"),
        pytest.param(
            LEAST + "lake: ok\n...\n---\nestate: b\n",
            ["line 5, a second document begins here (---); one file is one estate"],
            id="two-documents",
        ),
        pytest.param(LEAST + "lake: &x a\n", ["line 3, anchors and aliases (&x, *x) are not read; write the value out"], id="anchor"),
        pytest.param(
            "estate: !!python/object/apply:os.system ['true']\n",
            ["line 1, the tag 'tag:yaml.org,2002:python/object/apply:os.system' is not read; write plain values"],
            id="tag-that-runs-code",
        ),
        pytest.param("estate: acme\x00\n", ["line 1, a control character stands here"], id="control-character"),
        pytest.param("estate: " + "[" * 400 + "\n", ["line 1, values are nested more than 20 deep"], id="deep"),
        pytest.param(LEAST + "[a, b]: 1\n", ["line 3, top level: a field's name must be plain text"], id="key-is-a-list"),
        pytest.param(LEAST + "estate: other\n", ["line 3, estate: is written twice; the first is on line 1"], id="duplicate-key"),
        pytest.param(LEAST + "lke: x\n", ["line 3, lke: is no field here; did you mean lake?"], id="unknown-key-near"),
        pytest.param(
            LEAST + "zzz: x\n",
            [
                (
                    "line 3, zzz: is no field here; the fields here are estate, lake, ledger, reports, accounts, metrics, traffic, "
                    "risk, sizing, costs, flow_logs, planning, targets, workloads, people, approvals, execution, "
                    "confluence, repository"
                )
            ],
            id="unknown-key-far",
        ),
        pytest.param(
            LEAST + "metrics: {dayz: 3}\n", ["line 3, metrics.dayz: is no field here; did you mean days?"], id="unknown-key-inside"
        ),
        pytest.param(
            "lake: x\n",
            [
                "line 1, estate: is missing; Short name; lower case, digits, hyphens",
                "line 1, accounts: is missing; The accounts in scope, each with its regions",
            ],
            id="missing",
        ),
        pytest.param("estate: acme\naccounts: []\n", ["line 2, accounts: needs at least one entry"], id="no-account"),
        pytest.param(
            "estate: on\naccounts: 5\n",
            ['line 1, estate: must be text; write it in quotes: "on"', "line 2, accounts: must be a list: [...], not 5"],
            id="wrong-kinds",
        ),
        pytest.param(LEAST + "metrics: 5\n", ["line 3, metrics: must be fields (name: value), not 5"], id="value-for-fields"),
        pytest.param(
            LEAST + "metrics: {days: 0}\n", ["line 3, metrics.days: input should be greater than or equal to 1, not 0"], id="out-of-range"
        ),
        pytest.param(
            LEAST + "risk: {medium_from: 60}\n",
            ["line 3, risk: medium_from, high_from and critical_from must rise"],
            id="levels-that-do-not-rise",
        ),
        pytest.param(
            LEAST + "metrics: {days: 30, period_s: 60}\n",
            ["line 3, metrics: CloudWatch keeps points of 60 s for 15 days only; lower days or raise period_s"],
            id="rule-over-two-fields",
        ),
        pytest.param(
            LEAST + "flow_logs:\n  - s3://b/x/\n",
            ["line 4, flow_logs[0]: flow log prefix s3://b/x/ names no account; write {url: ..., account: ...}"],
            id="flow-log-without-account",
        ),
        pytest.param(
            LEAST + "traffic: {days: 0}\n", ["line 3, traffic.days: input should be greater than or equal to 1, not 0"], id="no-traffic"
        ),
        pytest.param(
            LEAST + "flow_logs: ['logs://eu-central-1/acme']\n",
            ["line 3, flow_logs[0]: flow log prefix logs://eu-central-1/acme names no account; write {url: ..., account: ...}"],
            id="log-group-without-account",
        ),
        pytest.param(
            LEAST + "flow_logs: [{url: 'logs://acme', account: '111111111111'}]\n",
            [
                "line 3, flow_logs[0].url: logs://acme is no log group; write logs://region/log-group-name",
            ],
            id="log-group-without-region",
        ),
        pytest.param(
            LEAST + "flow_logs: [{url: 'logs://eu-central-1/a', account: '111111111111', format: '${srcaddr} ${dstaddr} ${bytes}'}]\n",
            [
                "line 3, flow_logs[0].format: a flow log whose format lacks protocol, packets, start, end cannot tell who talks to whom",
            ],
            id="format-without-ports",
        ),
        pytest.param(
            LEAST + "flow_logs: [{url: logs, format: 'version srcaddr'}]\n",
            ["line 3, flow_logs[0].format: this names no field; write it as the flow log's LogFormat: ${version} ${account-id} ..."],
            id="format-of-no-field",
        ),
        pytest.param(LEAST + "flow_logs: s3://b/x\n", ["line 3, flow_logs: must be a list: [...], not 's3://b/x'"], id="text-for-list"),
        pytest.param(
            LEAST + "flow_logs:\n  - {url: s3://b/x, acount: '1'}\n  - 7\n",
            [
                "line 4, flow_logs[0].acount: is no field here; did you mean account?",
                'line 5, flow_logs[1]: must be text; write it in quotes: "7"',
            ],
            id="flow-log-forms",
        ),
    ],
)
def test_each_problem_names_line_and_field(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        pytest.param("id: 111111111111", 'line 3, accounts[0].id: write the account id in quotes, "111111111111"; ', id="number"),
        pytest.param("id: 012345670123", 'line 3, accounts[0].id: write the account id in quotes, "012345670123"; ', id="octal"),
        pytest.param("id: 012345678901", 'line 3, accounts[0].id: write the account id in quotes, "012345678901"; ', id="text-by-luck"),
        pytest.param('id: "12345"', "line 3, accounts[0].id: '12345' does not fit; The 12 digits of an AWS account", id="short"),
        pytest.param(
            'id: "111111111111"\n    role_arn: arn:aws:iam::333333333333:role/X',
            "line 3, accounts[0].id: role_arn is of account 333333333333, but this entry is account 111111111111",
            id="role-of-another-account",
        ),
        pytest.param(
            'id: "111111111111"\n    role_arn: MigrationScan',
            "line 4, accounts[0].role_arn: 'MigrationScan' does not fit; ",
            id="role-by-name",
        ),
        pytest.param(
            'id: "111111111111"\n    rolearn: x', "line 4, accounts[0].rolearn: is no field here; did you mean role_arn?", id="unknown-key"
        ),
    ],
)
def test_account_problems(account: str, expected: str) -> None:
    told = problems(f"estate: acme\naccounts:\n  - {account}\n    regions: [eu-central-1]\n")
    assert len(told) == 1
    assert told[0].startswith(expected)


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        ("[eu-central-1, eu-centrl-1]", ["line 4, accounts[0].regions[1]: unknown region 'eu-centrl-1'; did you mean eu-central-1?"]),
        ("\n      - zz-nowhere-9", ["line 5, accounts[0].regions[0]: unknown region 'zz-nowhere-9'; see `aws account list-regions`"]),
        ("[Frankfurt]", ["line 4, accounts[0].regions[0]: 'Frankfurt' does not fit; a region's name, such as eu-central-1"]),
        ("eu-central-1", ["line 4, accounts[0].regions: must be a list: [...], not 'eu-central-1'"]),
        ("[]", ["line 4, accounts[0].regions: needs at least one entry"]),
    ],
)
def test_region_problems(regions: str, expected: list[str]) -> None:
    told = problems(f'estate: acme\naccounts:\n  - id: "111111111111"\n    regions: {regions}\n')
    assert told == expected or (
        regions == "\n      - zz-nowhere-9" and told[0].startswith("line 5, accounts[0].regions[0]: unknown region")
    )


def test_an_account_listed_twice_is_named_where_it_is_repeated() -> None:
    text = 'estate: a\naccounts:\n  - {id: "111111111111", regions: [us-west-2]}\n  - {id: "111111111111", regions: [us-west-2]}\n'
    assert problems(text) == ["line 4, accounts[1].id: account 111111111111 is listed twice"]


def test_two_accounts_without_a_role_are_refused() -> None:
    text = 'estate: a\naccounts:\n  - {id: "111111111111", regions: [us-west-2]}\n  - {id: "222222222222", regions: [us-west-2]}\n'
    assert problems(text) == [
        "line 4, accounts[1].id: only the caller's own account may lack a role_arn, but 111111111111, 222222222222 do"
    ]


def test_all_problems_are_told_at_once_by_line() -> None:
    text = WHOLE.replace("lake:", "lak:").replace("us-west-2]\nmetrics", "us-wst-2]\nmetrics").replace("days: 14", "days: 9999")
    assert [problem.split(",")[0] for problem in problems(text)] == ["line 2", "line 10", "line 11"]


def test_hundreds_of_problems_are_counted() -> None:
    told = problems(LEAST + "".join(f"zz{number}: 1\n" for number in range(300)))
    assert len(told) == 51
    assert told[-1] == "and 250 more"


def test_a_password_in_a_wrong_ledger_url_is_not_repeated() -> None:
    told = problems(LEAST + "ledger: mysql://ana:hunter2@db/x\n")
    assert told == ["line 3, ledger: 'mysql://ana:***@db/x' does not fit; sqlite:///file.db or postgresql+psycopg://"]


def test_an_alias_bomb_is_refused_at_once() -> None:
    bomb = "a: &a [x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    began = time.monotonic()
    assert problems(bomb)[0].startswith("line 1, anchors and aliases")
    assert time.monotonic() - began < 1


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "estate.yaml"
    path.write_text(LEAST + "# " + "x" * 1_000_000)
    with pytest.raises(EstateFileError, match="larger than 1,000,000 bytes"):
        load_estate(path)


def test_a_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "estate.yaml"
    path.write_bytes(LEAST.encode() + b"lake: caf\xe9\n")
    with pytest.raises(EstateFileError, match="line 3, the file is not UTF-8 text"):
        load_estate(path)


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "estate.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert load_estate(path).estate == "acme"


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(EstateFileError, match=r"there is no such file\nNext: write one with `cloudmigrate init .*nowhere\.yaml`\."):
        load_estate(tmp_path / "nowhere.yaml")


def test_a_folder_is_no_estate_file(tmp_path: Path) -> None:
    with pytest.raises(EstateFileError, match="it cannot be read: Is a directory"):
        load_estate(tmp_path)


def test_relative_places_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "estates"
    folder.mkdir()
    (folder / "estate.yaml").write_text(
        LEAST + "lake: ../lake\nreports: [out, 's3://b/r']\nflow_logs: [{url: logs, account: '111111111111'}]\n"
    )
    monkeypatch.chdir(tmp_path)

    estate = load_estate(Path("estates/estate.yaml"))

    assert estate.lake == f"{tmp_path}/lake"
    assert estate.ledger == f"sqlite:///{folder}/ledger.db"
    assert estate.reports == (f"{folder}/out", "s3://b/r")
    assert [source.url for source in estate.flow_log_sources()] == [f"{folder}/logs"]


@pytest.mark.parametrize(
    ("ledger", "expected"),
    [
        ("sqlite:///ledger.db", "sqlite:////base/ledger.db"),
        ("sqlite:///a/../b.db?timeout=5", "sqlite:////base/b.db?timeout=5"),
        ("sqlite:////var/ledger.db", "sqlite:////var/ledger.db"),
        ("sqlite:///file:x.db?mode=ro&uri=true", "sqlite:///file:x.db?mode=ro&uri=true"),
        ("postgresql+psycopg://u:${LEDGER_PASSWORD}@h/d", "postgresql+psycopg://u:${LEDGER_PASSWORD}@h/d"),
    ],
)
def test_only_relative_sqlite_files_move(ledger: str, expected: str) -> None:
    estate = parse_estate(LEAST + f'ledger: "{ledger}"\n', "x")
    assert resolved(estate, Path("/base")).ledger == expected
    assert resolved(resolved(estate, Path("/base")), Path("/other")).ledger == expected, "resolving twice changes nothing"


def test_the_template_is_read_once_it_is_filled_in() -> None:
    filled = ESTATE_TEMPLATE.replace("<your account>", "111111111111").replace("<region>", "eu-central-1")
    estate = parse_estate(filled, "estate.yaml", check_regions=check_regions)
    assert (estate.estate, estate.accounts[0].id, estate.metrics.days) == ("my-estate", "111111111111", 14)


def test_the_template_as_it_is_tells_what_to_fill_in() -> None:
    told = problems(ESTATE_TEMPLATE)
    assert [re.sub(r"line \d+, ", "", problem).split(":")[0] for problem in told] == ["accounts[0].id", "accounts[0].regions[0]"]


def test_the_templates_comments_are_true() -> None:
    """Every commented-out field is one that the model has, and reads."""
    filled = ESTATE_TEMPLATE.replace("<your account>", "111111111111").replace("<region>", "eu-central-1")
    lines = [
        line.replace("# ", "", 1)
        if re.match(r" *# (- |  |reports|flow_logs|sizing|costs|planning|targets|execution|confluence|repository|people|approvals)", line)
        else line
        for line in filled.splitlines()
    ]
    text = "\n".join(line for line in lines if line != "flow_logs: []")
    estate = parse_estate(text, "estate.yaml", check_regions=check_regions)
    assert len(estate.accounts) == 2
    assert len(estate.flow_logs) == 3
    assert estate.reports == ("s3://bucket/reports",)
    assert (estate.costs.target_region, estate.costs.bill_error_limit_pct) == ("eu-central-1", 10)
    assert [profile.name for profile in estate.sizing.profiles] == ["compute-optimizer", "careful"]
    assert [window.reason for window in estate.planning.freeze_windows] == ["quarter's end", "campaign"]
    assert [(person.name, [*person.roles]) for person in estate.people] == [("ana", ["approver"])]
    assert (estate.targets.region, estate.targets.subnets, estate.targets.dns[0].zone_id) == (
        "eu-west-1",
        {"subnet-0a": "subnet-0b"},
        "Z0123",
    )
    assert [(waiver.check, waiver.by) for waiver in estate.execution.waivers] == [("quotas", "ana")]
    assert resolved(estate, Path("/base")).planning == estate.planning
    assert resolved(estate, Path("/base")).costs.bill == "/base/focus-2026-10.parquet"


def test_the_schema_describes_every_field() -> None:
    schema = estate_json_schema()
    json.dumps(schema)
    assert schema["required"] == ["estate", "accounts"]
    for name, field in schema["properties"].items():
        assert field.get("description") or "$ref" in field, name


def test_every_model_of_the_file_is_known() -> None:
    """Suggestions for unknown fields need to know which model stands where."""
    found: set[type[BaseModel]] = {Estate}

    def walk(annotation: Any) -> None:
        for one in (annotation, *get_args(annotation)):
            if isinstance(one, type) and issubclass(one, BaseModel) and one not in found:
                found.add(one)
                for field in one.model_fields.values():
                    walk(field.annotation)
            elif one is not annotation:
                walk(one)

    for field in Estate.model_fields.values():
        walk(field.annotation)
    assert found == set(MODELS.values())


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(max_size=200),
        st.binary(max_size=200).map(lambda data: data.decode("latin-1")),
        st.tuples(st.integers(0, len(WHOLE)), st.text(max_size=5)).map(lambda cut: WHOLE[: cut[0]] + cut[1] + WHOLE[cut[0] :]),
        st.tuples(st.integers(0, len(WHOLE)), st.integers(1, 20)).map(lambda cut: WHOLE[: cut[0]] + WHOLE[cut[0] + cut[1] :]),
    )
)
def test_any_text_is_an_estate_or_told(text: str) -> None:
    try:
        parse_estate(text, "estate.yaml", check_regions=check_regions)
        told: tuple[str, ...] = ()
    except EstateFileError as error:
        told = error.problems or ("nothing told",)
    for problem in told:
        assert problem == "it is empty" or re.match(r"line \d+, ", problem), problem


def test_a_home_that_nobody_has_stays_a_name() -> None:
    estate = parse_estate(LEAST + "lake: ~no-such-user-here/lake\n", "x")

    assert resolved(estate, Path("/base")).lake == "/base/~no-such-user-here/lake"


def test_a_log_group_and_its_format_are_read() -> None:
    """A group whose name begins with a slash is written with two."""
    columns = "${srcaddr} ${pkt-dstaddr} ${protocol} ${packets} ${bytes} ${start} ${end}"
    text = LEAST + f"flow_logs: [{{url: 'logs://eu-central-1//vpc/flow.logs', account: '111111111111', format: '{columns}'}}]\n"

    [source] = resolved(parse_estate(text, "estate.yaml"), Path("/base")).flow_log_sources()

    assert (source.url, source.account, source.format) == ("logs://eu-central-1//vpc/flow.logs", "111111111111", columns)
