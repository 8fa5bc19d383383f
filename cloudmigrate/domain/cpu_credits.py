"""The balance of CPU credits that a burstable type would have had, period by period.

Amazon EC2 User Guide, "Key concepts for burstable performance instances": a credit is one vCPU at 100 % for one minute; credits are earned
at a rate that a type has, up to a balance that it has; without balance a machine in standard mode falls to its baseline, and in unlimited
mode goes on and is charged for what it overdraws.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CreditReplay:
    """What became of each series: minutes without the credits they asked for, and what unlimited mode would have charged."""

    short_minutes: Floats
    measured_minutes: Floats
    surplus_vcpu_hours: Floats
    spent_per_hour: Floats


def replay_credits(vcpus_used: Floats, *, period_s: float, credits_per_hour: Floats, max_credits: Floats) -> CreditReplay:
    """The replay of series x period of vCPUs used (mean; NaN where not measured) against one type for each series.

    The balance starts at nothing, as what was saved up before is not known. A period whose credits do not suffice is short as a whole.
    Unmeasured periods leave the balance as it is.
    """
    minutes = period_s / 60
    earned = credits_per_hour / 60 * minutes
    balance = np.zeros(len(vcpus_used))
    short = np.zeros(len(vcpus_used))
    surplus = np.zeros(len(vcpus_used))
    known = ~np.isnan(vcpus_used)
    spent = np.where(known, vcpus_used, 0.0) * minutes
    for period in range(vcpus_used.shape[1]):
        after = balance + np.where(known[:, period], earned - spent[:, period], 0.0)
        lacking = after < -1e-9
        short += lacking
        surplus -= np.where(lacking, after, 0.0)
        balance = np.clip(after, 0.0, max_credits)
    measured = known.sum(axis=1)
    hours = np.maximum(measured * minutes / 60, 1e-9)
    return CreditReplay(short * minutes, measured * minutes, surplus / 60, spent.sum(axis=1) / hours)
