"""The seven strategies (AWS's "7 Rs"), what each means here, and how cautious each is for a workload."""

from dataclasses import dataclass
from enum import StrEnum


class Strategy(StrEnum):
    """What becomes of a resource or workload."""

    RETIRE = "retire"
    RETAIN = "retain"
    REHOST = "rehost"
    RELOCATE = "relocate"
    REPURCHASE = "repurchase"
    REPLATFORM = "replatform"
    REFACTOR = "refactor"


# Source: AWS Prescriptive Guidance, "About the migration strategies".
MEANINGS: dict[Strategy, str] = {
    Strategy.RETIRE: "switched off, after a last copy of what it holds",
    Strategy.RETAIN: "stays where it is",
    Strategy.REHOST: "moved as it is, at the size that its use needs",
    Strategy.RELOCATE: "moved with the host or hypervisor under it",
    Strategy.REPURCHASE: "replaced by a product that is bought as a service",
    Strategy.REPLATFORM: "moved onto another platform (managed, newer, another processor or volume type), its code unchanged",
    Strategy.REFACTOR: "rebuilt",
}
STAYS = frozenset({Strategy.RETIRE, Strategy.RETAIN})  # no wave moves it


@dataclass(frozen=True, slots=True)
class WorkloadRule:
    """One row of how a workload's strategy follows from its resources': the first strategy that any of them has."""

    strategy: Strategy
    why: str


# Most cautious first: what holds a workload back, then what takes most work, then what only holds where nothing speaks against it.
WORKLOAD_RULES: tuple[WorkloadRule, ...] = (
    WorkloadRule(Strategy.RETAIN, "what must stay keeps the others near it until someone decides"),
    WorkloadRule(Strategy.REFACTOR, "the whole waits for what is rebuilt"),
    WorkloadRule(Strategy.REPLATFORM, "the whole is tested on what changes"),
    WorkloadRule(Strategy.RELOCATE, "it moves when the hosts under it do"),
    WorkloadRule(Strategy.REHOST, "something of it has to move"),
    WorkloadRule(Strategy.REPURCHASE, "all that is not switched off is bought"),
    WorkloadRule(Strategy.RETIRE, "all of it is switched off"),
)
