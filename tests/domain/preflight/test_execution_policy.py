"""The section `execution` of the estate file: what is wrong with it is told where it stands."""

from datetime import UTC, date, datetime

import pytest

from cloudmigrate.errors.inputs import EstateFileError
from cloudmigrate.estate_file import parse_estate
from tests.signers import public_key

LEAST = 'estate: acme\naccounts: [{id: "111111111111", regions: [eu-central-1]}]\n'
ANA = f'people: [{{name: ana, roles: [approver], key: "{public_key("ana")}"}}]\n'
WAIVER = "{check: quotas, by: ana, reason: CHG-7, expires: 2027-03-31}"


def problems(text: str) -> list[str]:
    with pytest.raises(EstateFileError) as raised:
        parse_estate(LEAST + ANA + text, "estate.yaml")
    return list(raised.value.problems)


def test_waivers_and_quiet_times_are_read() -> None:
    quiet = "{from: '2026-12-15T18:00:00+01:00', until: '2027-01-02T00:00:00Z', reason: x}"
    text = f"execution:\n  waivers: [{WAIVER}]\n  freeze_windows: [{quiet}]\n"
    read = parse_estate(LEAST + ANA + text, "estate.yaml").execution
    assert (read.waivers[0].check.value, read.waivers[0].subject, read.waivers[0].expires) == ("quotas", "", date(2027, 3, 31))
    assert read.freeze_windows[0].from_at == datetime(2026, 12, 15, 17, tzinfo=UTC)
    assert parse_estate(LEAST, "estate.yaml").execution.backup_max_age_hours == 24


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("waivers: [{check: quota, by: ana, reason: x, expires: 2027-03-31}]", "waivers[0].check: input should be", id="check"),
        pytest.param("waivers: [{check: dns, by: eve, reason: x, expires: 2027-03-31}]", "eve waives a check, but is nobody", id="nobody"),
        pytest.param("waivers: [{check: dns, by: ana, reason: ' ', expires: 2027-03-31}]", "reason must say something", id="no reason"),
        pytest.param('waivers: [{check: dns, by: ana, reason: "a\\u202eb", expires: 2027-03-31}]', "on one line", id="turned writing"),
        pytest.param("waivers: [{check: dns, by: ana, reason: x}]", "expires: is missing", id="for ever"),
        pytest.param("waivers: [{check: dns, by: ana, reason: x, expires: soon}]", "expires", id="no date"),
        pytest.param("waivers: [{check: dns, by: ana, reason: x, expires: 2027-03-31, all: true}]", "is no field here", id="more"),
        pytest.param("freeze_windows: [{from: '2027-01-01T00:00:00', until: '2027-01-02T00:00:00Z', reason: x}]", "timezone", id="naive"),
        pytest.param(
            "freeze_windows: [{from: '2027-01-02T00:00:00Z', until: '2027-01-01T00:00:00Z', reason: x}]", "before", id="backwards"
        ),
        pytest.param("backup_max_age_hours: 0", "greater than or equal to 1", id="backups of no age"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text: str, expected: str) -> None:
    (told,) = problems(f"execution:\n  {text}\n")
    assert expected in told
    assert told.startswith("line ")
