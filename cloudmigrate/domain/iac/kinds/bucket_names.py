"""What buckets are called in the target: their names are the world's, so the estate file says them, or whoever applies the code does."""

from cloudmigrate.domain.iac.model import Place
from cloudmigrate.domain.iac.naming import terraform_name
from cloudmigrate.domain.iac.source import Source, transformed
from cloudmigrate.domain.iac.values import Came, Joined, Leaf, Origin, Value, Variable
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.target_policy import TargetPolicy

BUCKET = "AWS::S3::Bucket"
WHERE = "targets.buckets or targets.bucket_suffix of the estate file would say it"


def bucket_name(resource: Resource, policy: TargetPolicy) -> Leaf:
    """The name of a bucket's target: said by the estate file, else asked for. The source's own is taken."""
    told = policy.bucket_name(resource.name)
    if told is not None:
        rule = "targets.buckets" if resource.name in policy.buckets else "the source's name and targets.bucket_suffix"
        return Leaf(told, transformed("Name", rule))
    why = f"the name of the bucket that {resource.uid} becomes; {WHERE}"
    return Leaf(
        Variable(terraform_name(f"{resource.name} bucket name", f"{resource.uid}\0bucket name"), f"{why}."), Origin(Came.UNKNOWN, why)
    )


def bucket_arn(resource: Resource, _place: Place, policy: TargetPolicy) -> Value:
    """The ARN of a bucket's target, by its name."""
    name = bucket_name(resource, policy).value
    stem = f"{resource.uid.partition(':::')[0]}:::"
    if isinstance(name, str):
        return f"{stem}{name}"
    assert isinstance(name, Variable)  # noqa: S101 - a name is said or asked for
    return Joined((stem, name))


def named(source: Source, path: str, name: str, *, leads_on: str) -> tuple[Leaf | None, tuple[str, ...]]:
    """The name of the target of another bucket (or of the bucket itself), and the key of what has to be there first.

    *leads_on*: the member by which that one may lead back; then neither can be first.
    """
    source.read.add(path.split(".", maxsplit=1)[0])
    others = [source.resource, *source.relatives(source.resource, BUCKET)]
    other = next((one for one in others if name in (one.name, one.spec.get("Name"))), None)
    if other is None:
        return source.referred(path, name, type_=BUCKET, where="targets.buckets"), ()
    said = bucket_name(other, source.policy)
    origin = said.origin if said.origin.came is Came.UNKNOWN else transformed(path, said.origin.says)
    needs = () if other.uid == source.resource.uid or other.spec.get(leads_on) else (other.uid,)
    return Leaf(said.value, origin), needs
