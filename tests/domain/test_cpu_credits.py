"""The balance of CPU credits, worked out by hand: a t3.micro has two vCPUs, earns 12 an hour (one in five minutes), and saves 288."""

import numpy as np
import pytest

from cloudmigrate.domain.cpu_credits import CreditReplay, replay_credits


def replay(vcpus: list[float], *, most: float = 288.0) -> CreditReplay:
    return replay_credits(np.array([vcpus]), period_s=300, credits_per_hour=np.array([12.0]), max_credits=np.array([most]))


@pytest.mark.parametrize(
    ("vcpus", "most", "short_minutes", "surplus_vcpu_hours"),
    [
        pytest.param([0.2] * 10, 288, 0, 0, id="the-baseline-lasts-for-ever"),
        # 0.4 vCPUs for five minutes are two credits: the balance goes 1, 2, 3, 2, 1, 0, and then one is lacking
        pytest.param([0, 0, 0, 0.4, 0.4, 0.4, 0.4], 288, 5, 1 / 60, id="saved-then-spent-then-short"),
        pytest.param([0.4] * 3, 288, 15, 3 / 60, id="nothing-is-saved-at-the-start"),
        pytest.param([0] * 9 + [1.0], 3, 5, 1 / 60, id="no-more-than-the-most-is-saved"),  # five credits, of three and one
        pytest.param([0, np.nan, np.nan, 0.4, 0.4], 288, 5, 1 / 60, id="gaps-neither-earn-nor-spend"),
    ],
)
def test_replay(vcpus: list[float], most: float, short_minutes: float, surplus_vcpu_hours: float) -> None:
    found = replay(vcpus, most=most)
    assert found.short_minutes.tolist() == [short_minutes]
    assert found.surplus_vcpu_hours == pytest.approx([surplus_vcpu_hours])
    assert found.measured_minutes.tolist() == [5 * sum(not np.isnan(one) for one in vcpus)]


def test_credits_spent_are_by_the_measured_hour() -> None:
    assert replay([0.5] * 12 + [np.nan] * 12).spent_per_hour == pytest.approx([30])


def test_every_series_has_its_own_type() -> None:
    used = np.full((2, 12), 0.4)
    found = replay_credits(used, period_s=300, credits_per_hour=np.array([12.0, 24.0]), max_credits=np.array([288.0, 576.0]))
    assert found.short_minutes.tolist() == [60, 0]
