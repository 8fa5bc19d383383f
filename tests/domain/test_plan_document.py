"""Stored plans that someone edited: each ends in one sentence that says what is wrong, and nothing else."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmigrate.domain.drafting import draft_plan
from cloudmigrate.domain.plan import content_hash
from cloudmigrate.domain.plan_document import PlanDocumentError, read_plan
from cloudmigrate.domain.plan_input import PlanInput
from cloudmigrate.domain.wave_policy import WavePolicy
from tests.domain.graphs import ROLES, item, needs
from tests.domain.plans import NOW, SNAPSHOT, inputs, policies

Document = dict[str, Any]
# a (wave 2) needs b (wave 1); net stays.
FOUND = PlanInput([item("a"), item("b"), item("net", moves=False, why_not="network")], [needs("a", "b"), needs("b", "net")], ROLES)


def drafted() -> Document:
    return draft_plan(FOUND, WavePolicy(max_resources_per_wave=1), snapshot_id=SNAPSHOT, created_at=NOW).to_document()


def named(document: Document) -> bytes:
    """The text, with hash and name made to agree with what it says now: only the content is wrong."""
    try:
        digest = content_hash(document)
    except (TypeError, ValueError):
        digest = "0" * 64
    document |= {"content_hash": digest, "plan_id": f"plan-20261122T211500Z-{digest[:8]}"}
    return json.dumps(document).encode()


def group(document: Document, uid: str) -> Document:
    return next(one for one in document["groups"] if uid in one["members"])


def test_a_plan_as_it_was_written_is_read() -> None:
    document = drafted()
    assert read_plan(json.dumps(document).encode()) == document


def test_a_plan_whose_hash_the_ledger_has_is_believed_as_long_as_it_says_the_same() -> None:
    document = drafted()
    published = document["content_hash"]
    assert read_plan(json.dumps(document).encode(), published) == document
    document["notes"] = []
    with pytest.raises(PlanDocumentError, match="it does not say what it said when it was drafted"):
        read_plan(json.dumps(document).encode(), published)
    document["groups"] = "all"
    with pytest.raises(PlanDocumentError, match="groups: Input should be a valid list, not all"):
        read_plan(named(document), published)


@settings(deadline=None, max_examples=60)
@given(inputs(), policies())
def test_every_drafted_plan_is_read(found: PlanInput, policy: WavePolicy) -> None:
    document = draft_plan(found, policy, snapshot_id=SNAPSHOT, created_at=NOW).to_document()
    assert read_plan(json.dumps(document).encode()) == document


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(b"", "it is no JSON: Expecting value", id="empty"),
        pytest.param(b"{", "it is no JSON", id="cut off"),
        pytest.param(b"\xff\xfe\x00", "it is no JSON", id="no UTF-8"),
        pytest.param(b"[1]", "it is no JSON object but list", id="a list"),
        pytest.param(b"[" * 200_000, "it is nested too deeply", id="nested"),
        pytest.param(b'{"a":' * 200_000, "it is nested too deeply", id="objects nested"),
        pytest.param(b"9" * 10_000, "it is no JSON", id="a number of 10,000 digits"),
        pytest.param(b"{}", "schema_version is None, and this version reads 1 to 2", id="no version"),
        pytest.param(b'{"schema_version": 99}', "schema_version is 99", id="a version to come"),
        pytest.param(b'{"schema_version": true}', "schema_version is True", id="a version that is none"),
        pytest.param(b'{"schema_version": 1}', "plan_id: Field required (and 6 more)", id="nothing but an old version"),
    ],
)
def test_text_that_is_no_plan(data: bytes, told: str) -> None:
    with pytest.raises(PlanDocumentError) as error:
        read_plan(data)
    assert str(error.value).startswith(told)


EDITS: dict[str, tuple[Callable[[Document], Any], str]] = {
    "groups gone": (lambda d: d.pop("groups"), "groups: Field required"),
    "groups a text": (lambda d: d.update(groups="all"), "groups: Input should be a valid list, not all"),
    "policy gone": (lambda d: d.pop("policy"), "policy: Input should be a valid dictionary"),
    "policy unknown": (lambda d: d["policy"].update(speed=3), "speed: Extra inputs are not permitted, not 3"),
    "score a text": (lambda d: d["score"].update(total="low"), "score.total: Input should be a valid number, not low"),
    "no members": (lambda d: group(d, "a").update(members=[]), "groups[0].members: List should have at least 1 item"),
    "a member that is a number": (
        lambda d: group(d, "a").update(members=[7]),
        "groups[0].members[0]: Input should be a valid string, not 7",
    ),
    "no wave": (lambda d: group(d, "a").pop("wave"), "groups[0].wave: Field required"),
    "a wave as text": (lambda d: group(d, "a").update(wave="2"), "groups[0].wave: Input should be a valid integer, not 2"),
    "wave 0": (lambda d: group(d, "a").update(wave=0), "groups[0].wave: Input should be greater than or equal to 1, not 0"),
    "half a wave": (lambda d: group(d, "a").update(wave=1.5), "groups[0].wave: Input should be a valid integer"),
    "a wave that is not there": (lambda d: group(d, "a").update(wave=3), "group a-"),
    "another wave than the waves say": (lambda d: group(d, "a").update(wave=1), "group a-"),
    "one uid in two groups": (lambda d: group(d, "a").update(members=["a", "b"]), "resource b is in two places"),
    "one uid in a group and without a wave": (lambda d: group(d, "a").update(members=["a", "net"]), "resource net is in two places"),
    "a group twice": (lambda d: d["groups"].append(d["groups"][0]), "group a-"),
    "waves that leave one out": (lambda d: d["waves"][0].update(wave=2), "its waves are not numbered from 1 to 2"),
    "a wave that holds what is not there": (lambda d: d["waves"][0]["groups"].append("x"), "wave 1 holds group x, which is not there"),
    "a need of what is not there": (lambda d: group(d, "a").update(needs=["x\x1b"]), "a-"),
    "a need of what stays nowhere": (lambda d: group(d, "b").update(needs_unplanned=["x"]), "b-"),
    "a pin without a wave": (
        lambda d: d["constraints"]["pins"].append({"uid": "a", "reason": "", "by": "ann", "refused": []}),
        "constraints.pins[0].wave: Field required",
    ),
    "endless hours": (lambda d: group(d, "a").update(effort_hours=float("inf")), "groups[0].effort_hours: Input should be a finite number"),
}


@pytest.mark.parametrize(("edit", "told"), EDITS.values(), ids=EDITS.keys())
def test_an_edited_plan_says_what_is_wrong(edit: Callable[[Document], Any], told: str) -> None:
    document = drafted()
    edit(document)
    with pytest.raises(PlanDocumentError) as error:
        read_plan(named(document))
    assert str(error.value).startswith(told)
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: d.update(content_hash="0" * 64),
        lambda d: d.update(plan_id="plan-1"),
        lambda d: d.update(created_at="yesterday"),
        lambda d: d["notes"].append("approved"),
        lambda d: d.pop("content_hash"),
    ],
)
def test_a_plan_changed_since_it_was_drafted_is_refused(edit: Callable[[Document], Any]) -> None:
    document = drafted()
    edit(document)
    with pytest.raises(PlanDocumentError, match="does not say what it said when it was drafted"):
        read_plan(json.dumps(document).encode())


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_any_value_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    """One value of the document, at any depth, replaced by any other."""
    document = drafted()
    here: Any = document
    while True:
        keys = sorted(here) if isinstance(here, dict) else range(len(here))
        key = data.draw(st.sampled_from(list(keys)))
        if isinstance(here[key], dict | list) and here[key] and data.draw(st.booleans()):
            here = here[key]
            continue
        here[key] = data.draw(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just([]) | st.just({}))
        break
    with contextlib.suppress(PlanDocumentError):
        read_plan(named(document))
