"""Which environment a resource belongs to, from its tags: a table of the words that people write."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cloudmigrate.domain.counting import counted

# Least harm first: the order in which environments should move.
ENVIRONMENTS = ("dev", "test", "staging", "prod")
TAGS = ("environment", "env", "stage")  # in lower case; the first that says something known counts
WORDS: dict[str, str] = {
    "dev": "dev",
    "devel": "dev",
    "develop": "dev",
    "development": "dev",
    "sandbox": "dev",
    "sbx": "dev",
    "lab": "dev",
    "poc": "dev",
    "test": "test",
    "testing": "test",
    "tst": "test",
    "qa": "test",
    "qas": "test",
    "int": "test",
    "integration": "test",
    "ci": "test",
    "staging": "staging",
    "stage": "staging",
    "stg": "staging",
    "uat": "staging",
    "acc": "staging",
    "acceptance": "staging",
    "preprod": "staging",
    "pre-prod": "staging",
    "preproduction": "staging",
    "prod": "prod",
    "prd": "prod",
    "production": "prod",
    "live": "prod",
}
_NUMBERED = re.compile(r"[-_ ]?\d{1,3}$")


def environment_of(tags: Mapping[str, str]) -> str | None:
    """dev, test, staging or prod, as the tags say; None where they say nothing known. ``Dev-2`` is dev."""
    lower = {key.strip().lower(): value.strip().lower() for key, value in tags.items()}
    for tag in TAGS:
        word = lower.get(tag, "")
        found = WORDS.get(word) or WORDS.get(_NUMBERED.sub("", word))
        if found:
            return found
    return None


@dataclass(frozen=True, slots=True)
class Usual:
    """The environment that most tagged resources of a workload name."""

    environment: str
    naming: int  # resources that name it
    tagged: int  # resources that name any

    def words(self, workload: str) -> str:
        """Where it comes from, such as ``by 3 of 4 tagged resources of its workload shop``."""
        return f"by {self.naming} of {counted(self.tagged, 'tagged resource')} of its workload {workload}"


def usual_environments(told: Iterable[tuple[str | None, str | None]]) -> Mapping[str, Usual]:
    """For each workload what more than half of its tagged resources say; *told* are (workload, environment by its own tags)."""
    named: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for workload, environment in told:
        if workload and environment:
            named[workload][environment] += 1
    found = {}
    for workload, counts in named.items():
        [(environment, naming)] = counts.most_common(1)
        if 2 * naming > counts.total():
            found[workload] = Usual(environment, naming, counts.total())
    return found


def rank(environment: str | None) -> float:
    """How late the environment should move: 0 dev to 3 prod; what is not known lies between staging and prod."""
    return 2.5 if environment is None else float(ENVIRONMENTS.index(environment))


def latest(environments: set[str | None]) -> str | None:
    """The environment of a group: the one that should move last; unknown only where none of it is known."""
    known = environments - {None}
    return max(known, key=rank) if known else None
