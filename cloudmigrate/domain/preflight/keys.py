"""Encryption keys: there, enabled, fit for volumes; and those of the source usable by the account that copies.

A key's policy and grants are not read: that the target account may describe a key shows that it is known there, not that it may decrypt.
Source: EBS User Guide, "Share the KMS key used to encrypt a shared Amazon EBS snapshot".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.questions import Answers, Kind, Question, Unseen, WaveFacts, failed, is_known, passed, unknown, unseen
from cloudmigrate.domain.preflight.quota_table import volumes_of
from cloudmigrate.domain.preflight.record import Check

NAME = CheckName.KEYS
Place = tuple[str, str]
NO_KEY = frozenset({"NotFoundException"})
# (service, operation) of a call that encrypts -> the member that names the key in the call's own region.
ENCRYPTS: Mapping[tuple[str, str], str] = {
    ("ec2", "CopyImage"): "KmsKeyId",
    ("ec2", "CopySnapshot"): "KmsKeyId",
    ("rds", "CopyDBSnapshot"): "KmsKeyId",
    ("rds", "CopyDBClusterSnapshot"): "KmsKeyId",
    ("rds", "CreateDBInstanceReadReplica"): "KmsKeyId",
    ("rds", "RestoreDBClusterFromSnapshot"): "KmsKeyId",
}


def _key(place: Place, key_id: str) -> Question:
    return Question(*place, "kms", "DescribeKey", {"KeyId": key_id}, "KeyMetadata", NO_KEY)


def _target_keys(wave: WaveFacts) -> Iterator[tuple[Place, str]]:
    for one in wave.explained:
        for made in one.calls:
            member = ENCRYPTS.get((made.call.service, made.call.operation)) if made.call is not None else None
            if made.call is not None and member is not None and is_known(made.call.params.get(member)):
                yield (made.account_id, made.region), str(made.call.params[member])


def _source_keys(wave: WaveFacts) -> Iterator[tuple[Place, str, str]]:
    """(place of the key, key, account that must be able to use it) of encrypted volumes that go to another account."""
    for one, account_id, _, _ in wave.calls("ec2", "CopyImage"):
        source = wave.source_of(one)
        if source is None or source.account_id == account_id:
            continue
        for volume in volumes_of(wave, source).values():
            if volume.spec.get("Encrypted"):
                yield (source.account_id, source.region), str(volume.spec.get("KmsKeyId") or ""), account_id


def _asks(wave: WaveFacts) -> Iterator[Question]:
    yield from (_key(place, key_id) for place, key_id in _target_keys(wave))
    for (account_id, region), key_id, user in _source_keys(wave):
        if key_id:
            yield from (_key((account_id, region), key_id), _key((user, region), key_id))


def _judges(wave: WaveFacts, answers: Answers) -> Iterator[Check]:
    for place, key_id in dict.fromkeys(_target_keys(wave)):
        yield _usable(place, key_id, answers[_key(place, key_id)])
    for place, key_id, user in dict.fromkeys(_source_keys(wave)):
        if key_id:
            yield _shareable(place, key_id, user, answers)
        else:
            yield unknown(NAME, user, place, "a volume is encrypted with a key that was not told", "scan again, then plan anew")


def _usable(place: Place, key_id: str, found: Any) -> Check:
    if isinstance(found, Unseen):
        return unseen(NAME, key_id, place, found)
    if found is None:
        return failed(NAME, key_id, place, f"there is no key {key_id}", "correct targets.kms_key")
    state, usage, spec = (str(found.get(name, "")) for name in ("KeyState", "KeyUsage", "KeySpec"))
    told = f"{found.get('Arn', key_id)} is {state or 'in an unknown state'}"
    if state != "Enabled":
        return failed(NAME, key_id, place, told, "enable the key, or name another in targets.kms_key")
    if usage != "ENCRYPT_DECRYPT" or spec not in ("SYMMETRIC_DEFAULT", ""):
        return failed(NAME, key_id, place, f"{told}; it is for {usage}, {spec}", "name a symmetric encryption key in targets.kms_key")
    return passed(NAME, key_id, place, told)


def _shareable(place: Place, key_id: str, user: str, answers: Answers) -> Check:
    own, seen = answers[_key(place, key_id)], answers[_key((user, place[1]), key_id)]
    if isinstance(own, Unseen):
        return unseen(NAME, key_id, place, own)
    if own is None:
        return failed(NAME, key_id, place, f"there is no key {key_id}: what it encrypted cannot be read", "restore the key")
    if own.get("KeyManager") == "AWS":
        advice = "copy the volumes' snapshots under a key of your own first, and replace the volumes, or move them by hand"
        return failed(NAME, key_id, place, f"{key_id} is AWS's default key, which account {user} can never use", advice)
    if own.get("KeyState") != "Enabled":
        return failed(NAME, key_id, place, f"{key_id} is {own.get('KeyState')}", "enable the key")
    if isinstance(seen, Unseen) or seen is None:
        why = seen.why if isinstance(seen, Unseen) else "not found"
        advice = f"let account {user} use it in the key's policy (kms:DescribeKey, Decrypt, ReEncrypt*, GenerateDataKey*, CreateGrant)"
        return unknown(NAME, key_id, place, f"account {user} could not describe {key_id}: {why}", advice)
    return passed(NAME, key_id, place, f"enabled, one of your own, and account {user} sees it")


KEYS = Kind(NAME, _asks, _judges)
