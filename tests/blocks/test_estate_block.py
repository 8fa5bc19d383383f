"""An estate saved as a Prefect block: the same model, without secrets."""

from collections.abc import Iterator

import pytest
from prefect.testing.utilities import prefect_test_harness
from pydantic import ValidationError

from blocks.estate import EstateBlock, load_block, save_block
from cloudmigrate.domain.estate import Estate
from cloudmigrate.errors import UsageError
from tests.signers import public_key

WHOLE = {
    "estate": "acme",
    "lake": "s3://bucket/lake",
    "ledger": "postgresql+psycopg://ana:${LEDGER_PASSWORD}@db/ledger",
    "reports": ["s3://bucket/reports"],
    "accounts": [
        {"id": "111111111111", "regions": ["eu-central-1", "us-west-2"]},
        {"id": "222222222222", "regions": ["us-west-2"], "role_arn": "arn:aws:iam::222222222222:role/Scan", "external_id": "abc"},
    ],
    "metrics": {"days": 7, "period_s": 3600},
    "flow_logs": ["s3://b/AWSLogs/111111111111/x/", {"url": "s3://other/x", "account": "222222222222"}],
}


@pytest.fixture(scope="module")
def _server() -> Iterator[None]:
    """A Prefect server of our own (about ten seconds)."""
    with prefect_test_harness(server_startup_timeout=180):
        yield


@pytest.mark.usefixtures("_server")
def test_what_is_saved_is_what_is_loaded() -> None:
    """The one test with a server: save, load, save over, and ask for what is not there."""
    estate = Estate.model_validate(WHOLE)
    save_block(estate, "acme")
    assert load_block("acme") == estate

    changed = estate.model_copy(update={"lake": "/srv/lake"})
    save_block(changed, "acme")
    assert load_block("acme") == changed

    with pytest.raises(UsageError, match=r"no saved estate 'nowhere'\. Next: name a \.yaml file"):
        load_block("nowhere")


def test_the_block_has_the_fields_of_the_estate_and_describes_them() -> None:
    schema = EstateBlock.model_json_schema()
    assert list(schema["properties"]) == list(Estate.model_fields)
    for name, field in schema["properties"].items():
        described = schema["definitions"][field["$ref"].rpartition("/")[2]] if "$ref" in field else field
        assert described.get("description"), name
    assert schema["required"] == ["estate", "accounts"]
    models = {"Account", "FlowLogSource", "FreezeWindow", "MetricsSettings", "RiskPolicy", "TrafficSettings", "WavePolicy"}
    models |= {"SizingPolicy", "SizingProfile", "CostPolicy", "ManagedDatabase", "Person", "Role", "ApprovalPolicy", "GateRule"}
    models |= {"DatabasePolicy", "DatabaseOverride", "DatabaseWay", "Endpoints", "Replication", "ConfluencePolicy", "RepositoryPolicy"}
    models |= {"TargetPolicy", "DnsName", "Override", "ExecutionPolicy", "Waiver", "QuietTime", "CheckName", "RunLimits"}
    assert set(schema["definitions"]) == models
    assert schema["definitions"]["Account"]["properties"]["role_arn"]["description"]


def test_the_rules_of_the_estate_hold_in_the_form() -> None:
    with pytest.raises(ValidationError, match="account 111111111111 is listed twice"):
        EstateBlock.model_validate({**WHOLE, "accounts": [WHOLE["accounts"][0]] * 2, "flow_logs": []})  # type: ignore[index]
    with pytest.raises(ValidationError, match="lak"):
        EstateBlock.model_validate({**WHOLE, "lak": "x"})


@pytest.mark.parametrize(
    "ledger",
    [
        "postgresql+psycopg://ana:hunter2@db/ledger",
        "postgresql+psycopg://ana:${LEDGER_PASSWORD}x@db/ledger",
        "postgresql+psycopg://:hunter2@db/ledger",
        "postgresql+psycopg://ana@db/ledger?password=hunter2",
    ],
)
def test_a_block_holds_no_password(ledger: str) -> None:
    with pytest.raises(UsageError, match=r"a saved estate holds no password; write \$\{LEDGER_PASSWORD\}") as raised:
        save_block(Estate.model_validate({**WHOLE, "ledger": ledger}), "acme")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "ledger",
    [
        "sqlite:////srv/a:b@c.db",
        "postgresql+psycopg://db/x?user=ana&password=${LEDGER_PASSWORD}",
        "postgresql+psycopg://ana@db/ledger",
        "postgresql+psycopg://db:5432/x",
    ],
)
def test_urls_without_a_password_are_fine(ledger: str) -> None:
    assert EstateBlock.model_validate({**WHOLE, "ledger": ledger}).ledger == ledger


def test_a_block_gives_an_estate_free_of_prefect() -> None:
    estate = EstateBlock.model_validate(WHOLE).to_estate()
    assert type(estate) is Estate
    assert estate == Estate.model_validate(WHOLE)


def test_nobody_becomes_an_approver_by_editing_a_block() -> None:
    """Whoever reaches the Prefect server can change a block: people count only as the estate file names them."""
    people = [{"name": "eve", "roles": ["approver"], "key": public_key("eve")}]
    block = EstateBlock.model_validate(WHOLE | {"people": people, "approvals": {"cutover": {"roles": [], "people": ["eve"]}}})

    found = block.to_estate()

    assert found == Estate.model_validate(WHOLE)
    assert found.people == ()


def test_nobody_sends_a_token_elsewhere_by_editing_a_block() -> None:
    evil = {"confluence": {"url": "https://evil.example/wiki", "space": "OPS"}, "repository": {"remote": "https://evil.example/x.git"}}
    block = EstateBlock.model_validate(WHOLE | evil)

    assert (block.to_estate().confluence.url, block.to_estate().repository.remote) == (None, None)
