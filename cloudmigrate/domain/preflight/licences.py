"""Images and licences: what AWS or a contract keeps from being copied or started elsewhere."""

from collections.abc import Iterator
from typing import Any

from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.questions import Answers, Kind, Question, Unseen, WaveFacts, failed, listed, passed, unseen
from cloudmigrate.domain.preflight.quota_table import volumes_of
from cloudmigrate.domain.preflight.record import Check
from cloudmigrate.domain.resources import Resource

NAME = CheckName.LICENCES
NO_IMAGE = frozenset({"InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidAMIID.Malformed"})


def _sources(wave: WaveFacts) -> Iterator[Resource]:
    """The servers whose images the wave makes."""
    found = {one.step.uid: source for one, *_ in wave.calls("ec2", "CreateImage") if (source := wave.source_of(one)) is not None}
    yield from found.values()


def _image(source: Resource) -> Question | None:
    image_id = source.spec.get("ImageId")
    if not image_id:
        return None
    params = {"ImageIds": [str(image_id)]}
    return Question(source.account_id, source.region, "ec2", "DescribeImages", params, "Images[0]", NO_IMAGE)


def _asks(wave: WaveFacts) -> Iterator[Question]:
    yield from (question for source in _sources(wave) if (question := _image(source)) is not None)


def _judges(wave: WaveFacts, answers: Answers) -> Iterator[Check]:
    for source in _sources(wave):
        question = _image(source)
        yield _judged(wave, source, answers[question] if question is not None else None)


def _judged(wave: WaveFacts, source: Resource, image: Any) -> Check:
    place, spec, uid = (source.account_id, source.region), source.spec, source.uid
    codes = [str(one.get("ProductCodeId")) for one in spec.get("ProductCodes") or ()]
    codes += [str(one.get("ProductCodeId")) for disk in volumes_of(wave, source).values() for one in disk.spec.get("ProductCodes") or ()]
    if not isinstance(image, Unseen):
        codes += [str(one.get("ProductCodeId")) for one in (image or {}).get("ProductCodes") or ()]
    if codes:
        told = f"it bears the marketplace product codes {listed(dict.fromkeys(codes))}, whose images may not be copied"
        return failed(NAME, uid, place, told, "subscribe in the target and install the product there by hand")
    placement = spec.get("Placement") or {}
    if placement.get("Tenancy", "default") != "default" or placement.get("HostId"):
        told = f"it runs on dedicated hardware ({placement.get('Tenancy')}), the target would not"
        return failed(NAME, uid, place, told, "see what its licences ask for; move it by hand to a dedicated host", bends=True)
    licences = [str(one.get("LicenseConfigurationArn")) for one in spec.get("Licenses") or ()]
    if licences:
        told = f"License Manager counts it under {listed(licences)}, which the target is not started with"
        advice = "share the license configuration with the target account and associate it there, or waive it with the licence's terms"
        return failed(NAME, uid, place, told, advice, bends=True)
    if isinstance(image, Unseen):
        return unseen(NAME, uid, place, image)
    billed = spec.get("PlatformDetails") or spec.get("Platform") or "Linux/UNIX"
    gone = " (the image that it was started from is gone)" if image is None else ""
    return passed(NAME, uid, place, f"no product codes, no dedicated hardware, no license configuration; billed as {billed}{gone}")


LICENCES = Kind(NAME, _asks, _judges)
