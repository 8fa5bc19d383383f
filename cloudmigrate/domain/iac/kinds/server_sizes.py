"""How large a server of the target is, and of which image."""

from cloudmigrate.domain.iac.source import Source, branch, transformed
from cloudmigrate.domain.iac.values import Came, Leaf, Node, Origin
from cloudmigrate.domain.strategies import Strategy

SMALLER, LARGER = "smaller", "larger"
# Rows of the table of strategies that replatform: onto another processor, and onto a managed database.
OTHER_PROCESSOR, OWN_DATABASE = "cheaper-server", "self-managed-database"


def image_of(source: Source) -> Leaf:
    """The image of a server: the one that was copied already, or a variable."""
    source.read |= {"ImageId", "RootDeviceName", "RootDeviceType"}
    if source.image is not None:
        return Leaf(source.image, transformed("ImageId", "the image that the migration made of it and copied"))
    name, processor = source.spec.get("InstanceId", source.resource.name), ""
    if source.strategy is Strategy.REPLATFORM:
        processor = ", built anew for arm64 and tested"
    if source.value("ProductCodes"):
        processor += (
            "; it is a product of the marketplace, of which no copy may be made: subscribe to it in the target and take its own image"
        )
    return source.unknown("image id", f"id in the target of the copied image of {name}{processor}; the migration makes it", kind="Image")


def rightsized(source: Source) -> Leaf:
    """Its size: what the estate file says of it, else what its use needs where that is smaller, else what is said of the type."""
    given = str(source.value("InstanceType"))
    told_of_it = source.policy.override(source.resource.uid).instance_type
    target, verdict = source.sizing.get("target_type"), source.sizing.get("verdict")
    if told_of_it is not None:
        return Leaf(told_of_it, transformed("InstanceType", "targets.overrides"))
    if source.strategy is Strategy.REPLATFORM and source.row != OWN_DATABASE:
        return Leaf(str(source.sizing["arm_type"]), transformed("InstanceType", "its strategy is replatform: another processor"))
    if verdict == SMALLER and target and source.is_rightsized:
        return Leaf(str(target), transformed("InstanceType", f"rightsized from {given}: {source.sizing.get('reason')}"))
    if given in source.policy.instance_types:
        return Leaf(source.policy.instance_types[given], transformed("InstanceType", "targets.instance_types"))
    if verdict == LARGER and target:
        return Leaf(given, transformed("InstanceType", f"as it is, though its use needs {target}: {source.sizing.get('reason')}"))
    return Leaf(given, Origin(Came.COPIED, "InstanceType"))


def cpu_options(source: Source, size: Leaf) -> Node | None:
    """How many threads a core has, where that is one and the size is the same: else it is as its type has it."""
    given = source.value("CpuOptions") or {}
    if given.get("ThreadsPerCore") != 1 or size.origin.came is not Came.COPIED:
        return None
    return branch(CoreCount=source.copied("CpuOptions.CoreCount"), ThreadsPerCore=source.copied("CpuOptions.ThreadsPerCore"))
