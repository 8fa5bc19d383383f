"""One source as the maker of its target reads it: each member that is read is noted, and each value says where it came from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.domain.acts.record import MASKED_TAG
from cloudmigrate.domain.iac.model import Place, TargetResource
from cloudmigrate.domain.iac.naming import terraform_name
from cloudmigrate.domain.iac.observed import Observed
from cloudmigrate.domain.iac.values import Branch, Came, Document, Here, Items, Joined, Leaf, Node, Origin, Ref, Value, Variable
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.target_policy import TargetPolicy

OF_ITS_ID = "/"  # of a thing whose ARN no attribute gives: it is made of its id
OUR_TAGS = ("aws:", "cloudmigrate:")  # tags that begin so are AWS's and ours, and are not carried


class NotGenerated(Exception):  # noqa: N818 - an outcome, no error: it ends in the list of what was left out
    """Nothing can be made for this source; says why, and what a person does."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a thing by another's configuration: the target that stands for it, or its id there."""

    key: str | None = None  # of the target resource
    literal: str | None = None  # its id in the target, where it is there already
    rule: str = ""  # what says so
    arn: str = "Arn"  # the attribute of the target that is its ARN; empty: what its Ref gives; OF_ITS_ID: it is made of that
    named_arn: Value = None  # its ARN, where its name makes it and a reference would lead in a circle

    def arn_of_it(self) -> Value:
        """The ARN of the target resource."""
        assert self.key is not None  # noqa: S101 - only a resource of the target is asked
        return Ref(self.key, self.arn) if self.named_arn is None else self.named_arn


@dataclass
class Source:
    """One source, with what was decided about it."""

    resource: Resource
    place: Place
    policy: TargetPolicy
    find: Callable[[Resource, str, str | None], Known | None]  # what an id, a name or an ARN (of a type) in its configuration is there
    relatives: Callable[[Resource, str], list[Resource]] = lambda *_: []  # sources of a type that belong to it, such as a VPC's parts
    strategy: Strategy = Strategy.REHOST
    sizing: Mapping[str, Any] = field(default_factory=dict)  # the row of `sizing`: target_type, reason; empty: not sized
    needed_rules: Iterable[Mapping[str, Any]] = ()  # rows of `needed_rules` of its move group
    look: Callable[[Resource, str, str | None], Known | None] = lambda *_: None  # as `find`, but does not ask for what it finds
    related: Callable[[Resource, str, str, str], list[Resource]] | None = None  # relatives by the value of a member; None: searched
    wants: Callable[[Resource], None] = lambda _: None  # asks for a shared source that comes along, such as a VPC's part
    strategies: Mapping[str, Strategy] = field(default_factory=dict)  # of all sources, by uid
    row: str = ""  # of the table of strategies: which one decided
    is_rightsized: bool = True  # whether a smaller size that is proposed is taken
    image: str | None = None  # id in the target of its copied image, where there is one already
    observed: Observed | None = None  # what traffic needs of a security group; None: its rules are the source's
    names_in_values: bool = True  # whether a variable whose value is the name of a source gets that of its target
    read: set[str] = field(default_factory=set)  # members of its configuration that something was made of

    @property
    def spec(self) -> Mapping[str, Any]:
        """Its configuration, as AWS tells it."""
        return self.resource.spec

    @property
    def stays_in_account(self) -> bool:
        """Whether its target is in the same account: then names of global things are taken."""
        return self.place.account_id == self.resource.account_id

    @property
    def stays_in_place(self) -> bool:
        """Whether its target is in the same account and region: then its own name is taken."""
        return self.stays_in_account and self.place.region == self.resource.region

    def value(self, path: str) -> Any:
        """A member of the configuration, such as ``VpcConfig.SubnetIds``; None where it has none. It counts as read."""
        self.read.add(path.split(".", maxsplit=1)[0])
        found: Any = self.spec
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    def having(self, type_: str, member: str, value: str) -> list[Resource]:
        """The relatives of a type of which a member of the configuration is *value*."""
        if self.related is not None:
            return self.related(self.resource, type_, member, value)
        return [one for one in self.relatives(self.resource, type_) if str(one.spec.get(member)) == value]

    def copied(self, path: str, *, of: Callable[[Any], Value] | None = None) -> Leaf | None:
        """The member as it is; None where the source has none. *of*: only its form is changed, such as text that becomes a number."""
        found = self.value(path)
        if found in (None, "", [], {}):
            return None
        return Leaf(frozen(found) if of is None else of(found), Origin(Came.COPIED, path))

    def same_name(self, member: str) -> Leaf | None:
        """The member that is its name as it is, where the target is elsewhere; none where both are in one place: AWS gives one then."""
        self.read.add(member)
        return None if self.stays_in_place else self.copied(member)

    def own_name(self, path: str, name: str) -> Leaf | None:
        """The name of the source, where the target is elsewhere; none where both are in one place: AWS gives one then."""
        self.read.add(path.split(".", maxsplit=1)[0])
        if self.stays_in_place or not name:
            return None
        return Leaf(name, transformed(path, "the name within it"))

    def referred(self, path: str, id_of_it: Any = None, *, attribute: str = "", type_: str | None = None, where: str = "") -> Leaf | None:
        """What the id, name or ARN at *path* is in the target.

        *type_*: whose name it is, where only names tell. *where*: the field of the estate file that would say so.
        """
        found = id_of_it if id_of_it is not None else self.value(path)
        self.read.add(path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0])
        if found in (None, ""):
            return None
        known = self.find(self.resource, str(found), type_)
        if known is not None and known.key is not None:
            rule = known.rule or "the resource of the target that stands for it"
            return Leaf(known.arn_of_it() if attribute == "Arn" else Ref(known.key, attribute), transformed(path, rule))
        if known is not None:
            return Leaf(known.literal, transformed(path, known.rule))
        why = f"no target of {found} is known" + (f"; {where} of the estate file would say it" if where else "")
        return Leaf(Variable(self._variable(path), f"{why}."), Origin(Came.UNKNOWN, why, path))

    def all_referred(
        self, path: str, ids: Iterable[Any], *, attribute: str = "", type_: str | None = None, where: str = ""
    ) -> Items | None:
        """What these ids, names or ARNs are in the target, in their order."""
        given = (self.referred(f"{path}[{number}]", one, attribute=attribute, type_=type_, where=where) for number, one in enumerate(ids))
        found = tuple(one for one in given if one is not None)
        return Items(found) if found else None

    def rewritten(self, path: str, document: Any = None) -> Leaf | None:
        """A policy or the like, in which every ARN of a source is that of its target. None where there is none."""
        found = self.value(path) if document is None else document
        self.read.add(path.split(".", maxsplit=1)[0])
        if not found:
            return None
        written = self._rewritten(found)
        origin = Origin(Came.COPIED, path) if written == frozen(found) else transformed(path, "ARNs of sources are those of their targets")
        return Leaf(Document(written), origin)

    def _rewritten(self, value: Any) -> Value:
        if isinstance(value, Mapping):
            if list(value) == ["sha256"]:
                return self._hidden(str(value["sha256"]))
            return {str(name): self._rewritten(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return tuple(map(self._rewritten, value))
        if isinstance(value, str) and value.startswith("arn:"):
            return self.arn_there(value)
        if value == self.resource.account_id and not self.stays_in_account:
            return Here.ACCOUNT
        return frozen(value)

    def _hidden(self, digest: str) -> Variable:
        """A condition that serves as a shared secret, and was never kept."""
        why = "a condition of the policy that serves as a secret; its value is not kept by a scan"
        return Variable(self._variable(f"policy {digest[:8]}"), f"{why}.", is_secret=True)

    def arn_there(self, arn: str) -> Value:
        """The ARN of the target: of a source itself, or of what is within one (a bucket's objects)."""
        cuts = [len(arn), *(number for number in range(len(arn) - 1, 0, -1) if arn[number] == "/")]
        for whole, tail in ((arn[:cut], arn[cut:]) for cut in cuts):
            known = self.find(self.resource, whole, None)
            if known is None:
                continue
            if known.key is not None and known.arn == OF_ITS_ID:
                service, kind = whole.split(":", 3)[2], whole.split(":", 5)[5].partition("/")[0]
                parts = ("arn:", Here.PARTITION, f":{service}:", Here.REGION, ":", Here.ACCOUNT, f":{kind}/", Ref(known.key))
                return Joined((*parts, tail) if tail else parts)
            if known.key is not None:
                return with_tail(known.arn_of_it(), tail)
            if known.literal and known.literal.startswith("arn:"):
                return f"{known.literal}{tail}"
        if arn.endswith(f"::{self.resource.account_id}:root") and not self.stays_in_account:
            return Joined((arn.removesuffix(f"{self.resource.account_id}:root"), Here.ACCOUNT, ":root"))
        return arn

    def tags(self, tags: Mapping[str, str] | None = None) -> Node | None:
        """Its tags but for AWS's own and ours, sorted, as CloudFormation has them."""
        self.read |= {"Tags", "tags", "TagList"}
        kept = {
            name: value for name, value in sorted((self.resource.tags if tags is None else tags).items()) if not name.startswith(OUR_TAGS)
        }
        items = tuple(
            Branch({"Key": Leaf(name, Origin(Came.COPIED, f"tag {name}")), "Value": self._tag_value(name, value)})
            for name, value in kept.items()
        )
        return Items(items) if items else None

    def _tag_value(self, name: str, value: str) -> Leaf:
        if value == MASKED_TAG:
            return self.secret(f"tag {name}", "the value of the tag may be a secret, and was never read")
        return Leaf(value, Origin(Came.COPIED, f"tag {name}"))

    def secret(self, path: str, why: str, *, read_at: str = "", part: str = "") -> Leaf:
        """A value that may be a secret: a variable that is never shown."""
        self.read.add(path.split(".", maxsplit=1)[0])
        name = self._variable(part or path)
        return Leaf(Variable(name, f"{why}.", is_secret=True, read_at=read_at), Origin(Came.SECRET, why, path))

    def unknown(self, part: str, why: str, *, kind: str = "String") -> Leaf:
        """A value that is needed and that nobody knows yet: a variable without a default."""
        return Leaf(Variable(self._variable(part), f"{why}.", kind=kind), Origin(Came.UNKNOWN, why))

    def _variable(self, part: str) -> str:
        """The name of a variable of it: two sources of one name have two."""
        return terraform_name(f"{self.resource.name} {part}", f"{self.resource.uid}\0{part}")

    def target(self, type_: str, properties: Mapping[str, Node | None], *, part: str = "", **more: Any) -> TargetResource:
        """The resource of the target with these attributes; those that are None it has not."""
        kept = {name: node for name, node in properties.items() if node is not None}
        key = f"{self.resource.uid}#{part}" if part else self.resource.uid
        return TargetResource(key, type_, more.pop("name", self.resource.name), self.place, kept, uid=self.resource.uid, **more)


def with_tail(arn: Value, tail: str) -> Value:
    """The ARN of what is within that of an ARN."""
    if not tail:
        return arn
    if isinstance(arn, str) and not isinstance(arn, Here):
        return f"{arn}{tail}"
    assert isinstance(arn, Ref | Joined)  # noqa: S101 - an ARN is text, a reference, or made of both
    return Joined((*(arn.parts if isinstance(arn, Joined) else (arn,)), tail))


def transformed(source: str, rule: str) -> Origin:
    """That a rule made it out of a member of the source."""
    return Origin(Came.TRANSFORMED, rule, source)


def told(why: str, source: str = "") -> Leaf:
    """What is left out: nothing stands in the code for it, and the table of attributes says why."""
    return Leaf(None, Origin(Came.UNKNOWN, why, source))


def defaulted(value: Value, why: str) -> Leaf:
    """A value of ours."""
    return Leaf(value, Origin(Came.DEFAULTED, why))


def as_it_is(value: Any, path: str) -> Leaf | None:
    """A part of a member in its place in the target; None where there is none."""
    return None if value in (None, "", [], (), {}) else Leaf(frozen(value), transformed(path, "as it is"))


def branch(**members: Node | None) -> Branch | None:
    """Attributes within an attribute: those that there are; None where there are none."""
    kept = {name: node for name, node in members.items() if node is not None}
    return Branch(kept) if kept else None


def frozen(value: Any) -> Value:
    """A JSON value that does not change any more."""
    if isinstance(value, Mapping):
        return {str(name): frozen(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(map(frozen, value))
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
