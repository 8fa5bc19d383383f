"""A container image's way to the target's registry: a repository, the image with its layers, and how the target names it."""

from typing import Any

from cloudmigrate.domain.itineraries.building import Builder, of
from cloudmigrate.domain.itineraries.mapped import registry
from cloudmigrate.domain.itineraries.record import Move
from cloudmigrate.domain.steps import Output, Step


def copied_image(builder: Builder, move: Move, image: str | Output) -> tuple[Step, Any]:
    """The step after which the target has the image of ECR, and the image's name there as a template has it."""
    named = {"image": image}
    found = builder.add("ecr.read_image", named, move.at_source)
    before = builder.add("ecr.read_repository", named, move.target)
    known = {**named, "was_there": of(before, "was_there")}
    made = builder.add("ecr.create_repository", known, move.target)
    asked = {**known, "digest": of(found, "digest"), "read_as": move.source.account_id}
    copy = builder.add("ecr.copy_image", asked, move.target, needs=(made,))
    host = registry(move.target.account_id, move.target.region)
    return copy, {"Fn::Join": ["", [f"{host}/", of(made, "repository"), "@", of(copy, "digest")]]}
