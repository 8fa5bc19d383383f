"""Every kind of check that asks the cloud, in the order in which people read them."""

from collections.abc import Iterator

from cloudmigrate.domain.preflight.backups import BACKUPS
from cloudmigrate.domain.preflight.collisions import COLLISIONS
from cloudmigrate.domain.preflight.dns import DNS
from cloudmigrate.domain.preflight.instance_types import INSTANCE_TYPES
from cloudmigrate.domain.preflight.keys import KEYS
from cloudmigrate.domain.preflight.landing import LANDING
from cloudmigrate.domain.preflight.licences import LICENCES
from cloudmigrate.domain.preflight.permissions import PERMISSIONS
from cloudmigrate.domain.preflight.questions import Answers, Question, WaveFacts, question_key
from cloudmigrate.domain.preflight.quotas import QUOTAS
from cloudmigrate.domain.preflight.record import Check

KINDS = (PERMISSIONS, QUOTAS, LANDING, INSTANCE_TYPES, KEYS, LICENCES, DNS, COLLISIONS, BACKUPS)


def questions(wave: WaveFacts) -> list[Question]:
    """What all of them ask, each question once, in an order that does not change."""
    return sorted({question for kind in KINDS for question in kind.asks(wave)}, key=question_key)


def verdicts(wave: WaveFacts, answers: Answers) -> Iterator[Check]:
    """What all of them say to the answers."""
    for kind in KINDS:
        yield from kind.judges(wave, answers)
