"""Sentences of errors whose form depends on how much there is to tell."""

from cloudmigrate.errors.waves import UnplacedError


def test_missing_targets_are_counted_and_listed() -> None:
    told = str(UnplacedError("plan-1", 2, ["web: no target subnet"])).splitlines()
    assert told[0] == "wave 2 of plan plan-1 cannot be made into steps: 1 entry is missing under `targets` in the estate file:"
    assert told[1:] == ["  web: no target subnet", "Next: add what each line names, then run this again."]


def test_of_very_many_missing_targets_it_is_said_where_the_rest_is() -> None:
    error = UnplacedError("plan-1", 2, [f"no target for {number}" for number in range(23)])
    told = str(error).splitlines()
    assert told[0].endswith("23 entries are missing under `targets` in the estate file:")
    assert told[20:22] == [
        "  no target for 19",
        "  and 3 more: `cloudmigrate runbook plan-1 --wave 2 --out FOLDER` writes the whole list",
    ]
    assert len(error.lacking) == 23
