"""The question that a recommendation leaves open, by hand."""

from typing import Any

import pytest

from cloudmigrate.domain.recommendation_doubts import doubt

WHOLE = {"configuration": 1.0, "prices": 1.0}
CHANGE = "would change it: an owner who needs it"


@pytest.mark.parametrize(
    ("parts", "least_sure", "told"),
    [
        pytest.param(
            {"margin": 0.0, "sources": {**WHOLE, "flow logs": 0.4615, "load": 0.0}},
            None,
            "rather retire? depends on load (0% measured), flow logs (46%)",
            id="least measured first",
        ),
        pytest.param({"margin": 0.0, "sources": {"load": 0.999}}, None, "rather retire? depends on load (99% measured)", id="nearly whole"),
        pytest.param({"margin": 0.0, "sources": WHOLE}, None, CHANGE, id="all was measured"),
        pytest.param({"margin": 0.3, "sources": {"load": 0.5}}, None, CHANGE, id="no other can be the right one"),
        pytest.param(
            {"margin": 0.0, "sources": {"load": 0.0}}, "web-1", "depends on web-1, its least sure: load (0% measured)", id="workload"
        ),
        pytest.param({"margin": 0.9, "sources": WHOLE}, "web-1", "depends on web-1, its least sure", id="workload, all measured"),
        pytest.param({}, None, CHANGE, id="no parts"),
    ],
)
def test_a_doubt_says_what_would_change_the_answer(parts: dict[str, Any], least_sure: str | None, told: str) -> None:
    assert doubt(parts, "retire", CHANGE, least_sure) == told
