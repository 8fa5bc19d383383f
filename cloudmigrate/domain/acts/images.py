"""ECR: repositories, and container images copied from registry to registry. Source: Amazon ECR API reference, 2015-09-21."""

import re
from dataclasses import dataclass
from datetime import timedelta

from cloudmigrate.domain.acts.record import Act, Await, Call, ImageCopy, Look, Params, Undo, tags_of

NO_REPOSITORY = frozenset({"RepositoryNotFoundException"})
NOT_EMPTY = frozenset({"RepositoryNotEmptyException"})  # somebody else's images are in it
NO_IMAGE = NO_REPOSITORY | {"ImageNotFoundException"}
MOST_PLATFORMS = 30  # of one image: the undo names a tag for each
_IMAGE = re.compile(
    r"^(?P<account_id>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<repository>[a-z0-9][a-z0-9._/-]*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?$"
)


@dataclass(frozen=True, slots=True)
class Image:
    """An image of ECR, taken from the words that lead to it."""

    account_id: str
    region: str
    repository: str
    tag: str
    digest: str

    @property
    def image_id(self) -> dict[str, str]:
        """As the API names it: by its digest where there is one."""
        return {"imageDigest": self.digest} if self.digest else {"imageTag": self.tag or "latest"}


def image_of(uri: str) -> Image | None:
    """The image of ECR that the words lead to; None for other registries."""
    found = _IMAGE.match(uri)
    return Image(**{name: value or "" for name, value in found.groupdict().items()}) if found else None


def platform_tag(tag: str, number: int) -> str:
    """The tag of one platform of an image, by which an undo finds it."""
    return f"{tag}-{number:02}"


def _own_tag(key: str) -> str:
    return f"cloudmigrate-{key}"


def _image(params: Params) -> Image:
    found = image_of(params["image"])
    if found is None:
        raise ValueError(f"{params['image']} is no image of ECR")
    return found


def _repository(params: Params) -> str:
    """The repository of the target bears the name of the source's."""
    return _image(params).repository


READ_REPOSITORY = Act(
    "ecr.read_repository",
    "see whether the target has the repository of {image}",
    awaits=lambda params: Await(
        Look(
            Call(
                "ecr", "BatchGetRepositoryScanningConfiguration", {"repositoryNames": [_repository(params)]}
            ),  # no error for one that is not
            {"state": "'read'", "was_there": "scanningConfigurations[0].repositoryName && 'yes' || 'no'"},
        ),
        frozenset({"read"}),
        within=timedelta(0),
    ),
)


def _unmade(params: Params, absent: frozenset[str] = NO_REPOSITORY, otherwise: frozenset[str] = NOT_EMPTY) -> Undo:
    """The repository goes where it is empty."""
    call = Call("ecr", "DeleteRepository", {"repositoryName": _repository(params), "force": False})
    return Undo(call, absent, otherwise=otherwise)


CREATE_REPOSITORY = Act(
    "ecr.create_repository",
    "see to it that the target has the repository of {image}",
    does=lambda params, key: Call("ecr", "CreateRepository", {"repositoryName": _repository(params), "tags": tags_of(params, key)}),
    gives={"repository": "repository.repositoryName"},
    # Made by whomever: this step wants it there, and undone it goes only where it was not there before, and is empty.
    look=lambda params, key: Look(
        Call("ecr", "DescribeRepositories", {"repositoryNames": [_repository(params)]}),
        {"repository": "repositories[0].repositoryName"},
        NO_REPOSITORY,
    ),
    undoes=lambda params, outputs: (_unmade(params),) if params["was_there"] == "no" else (),
    exists=frozenset({"RepositoryAlreadyExistsException"}),
    further_actions=("ecr:TagResource",),
    likely=timedelta(seconds=2),
    family="ecr",
)


def _described(params: Params) -> Call:
    image = _image(params)
    asked = {"registryId": image.account_id, "repositoryName": image.repository, "imageIds": [image.image_id]}
    return Call("ecr", "DescribeImages", asked, region=image.region)


READ_IMAGE = Act(
    "ecr.read_image",
    "read which image {image} is now",
    awaits=lambda params: Await(
        Look(
            _described(params),
            {"state": "imageDetails[0].imageDigest && 'there'", "digest": "imageDetails[0].imageDigest"},
            NO_IMAGE,
        ),
        frozenset({"there"}),
        frozenset({None}),
        within=timedelta(0),
        advice="push it to the source again, or scan and plan anew",
    ),
)


def _removed(params: Params, tags: list[str]) -> Undo:
    named = [{"imageTag": one} for one in tags]
    return Undo(Call("ecr", "BatchDeleteImage", {"repositoryName": _repository(params), "imageIds": named}), NO_REPOSITORY)


def _uncopied(params: Params, outputs: Params) -> tuple[Undo, ...]:
    """Its tag goes, and with its last tag the image; then those of its platforms, of which none is an error.

    A tag that does not show yet is not removed, and no error says so: it is looked for first.
    A repository that was made for it goes here too: at its own undo the image was still in it, where this one failed at first.
    """
    tag = str(outputs["tag"])
    seen = Call("ecr", "DescribeImages", {"repositoryName": _repository(params), "imageIds": [{"imageTag": tag}]})
    return (
        Undo(seen, NO_IMAGE),
        _removed(params, [tag]),
        _removed(params, [platform_tag(tag, number) for number in range(1, MOST_PLATFORMS + 1)]),
        *((_unmade(params, frozenset(), NO_REPOSITORY | NOT_EMPTY),) if params["was_there"] == "no" else ()),
    )


def _copied(params: Params) -> ImageCopy:
    image = _image(params)
    return ImageCopy(params["read_as"], image.region, image.account_id, image.repository, params["digest"])


COPY_IMAGE = Act(
    "ecr.copy_image",
    "copy {image} with its layers to the target's registry and compare digests",
    does=lambda params, key: Call(
        "ecr",
        "PutImage",
        {
            "repositoryName": _repository(params),
            "imageManifest": f"<the manifest of {params['digest']}>",
            "imageDigest": params["digest"],
            "imageTag": _own_tag(key),
        },
    ),
    copies=_copied,
    gives={"digest": "image.imageId.imageDigest", "tag": "image.imageId.imageTag"},
    look=lambda params, key: Look(
        Call("ecr", "BatchGetImage", {"repositoryName": _repository(params), "imageIds": [{"imageTag": _own_tag(key)}]}),
        {"digest": "images[0].imageId.imageDigest", "tag": "images[0].imageId.imageTag"},
        NO_REPOSITORY,
    ),
    undoes=_uncopied,
    begun=lambda key: {"tag": _own_tag(key)},  # platforms go before the image that names them
    exists=frozenset({"ImageAlreadyExistsException"}),
    not_yet=NO_REPOSITORY,
    further_actions=(
        "ecr:BatchCheckLayerAvailability",
        "ecr:CompleteLayerUpload",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:UploadLayerPart",
    ),
    likely=timedelta(minutes=3),
    family="ecr",
)

ACTS = (READ_REPOSITORY, CREATE_REPOSITORY, READ_IMAGE, COPY_IMAGE)
