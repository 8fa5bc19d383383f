"""People, their roles and keys, and who must answer before which point of a migration: pinned in the estate file."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from cloudmigrate.domain.public_keys import PublicKeyError, key_bytes
from cloudmigrate.domain.roles import Role
from cloudmigrate.domain.steps import WAVE_GATES, Gate

PersonName = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9._@+-]{0,62}$", description="Such as ana or ana@example.com: lower case, digits, . _ @ + -"),
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(_Strict):
    """One person: whoever holds the private key that belongs to the public one here."""

    name: PersonName
    roles: Annotated[
        tuple[Role, ...],
        Field(description="admin, operator, approver, viewer; none for a person who left, whose key still proves the past."),
    ] = ()
    key: Annotated[str, Field(description="Public Ed25519 key, as `cloudmigrate people add` prints it: ed25519:...")]
    former_keys: Annotated[
        tuple[str, ...], Field(description="Keys that the person had before: they prove old answers, and open no gate.")
    ] = ()

    @field_validator("key")
    @classmethod
    def _is_a_key(cls, key: str) -> str:
        return _checked(key)

    @field_validator("former_keys")
    @classmethod
    def _are_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_checked(key) for key in keys)

    @field_validator("roles")
    @classmethod
    def _each_role_once(cls, roles: tuple[Role, ...]) -> tuple[Role, ...]:
        if len(set(roles)) != len(roles):
            raise ValueError("a role is listed twice")
        return roles


def _checked(key: str) -> str:
    try:
        key_bytes(key)
    except PublicKeyError as error:
        raise ValueError(f"{key[:60]} cannot be used: {error}; take what `cloudmigrate people add` printed") from None
    return key


class GateRule(_Strict):
    """Who opens one gate: how many of which people."""

    roles: Annotated[tuple[Role, ...], Field(description="People with any of these roles may answer.")] = (Role.APPROVER,)
    people: Annotated[tuple[str, ...], Field(description="These may answer too, by name, whatever their roles.")] = ()
    quorum: Annotated[int, Field(ge=1, le=100, description="So many different people must approve.")] = 1
    not_requester: Annotated[bool, Field(description="Whether the approval of the person who asked does not count.")] = True
    signed_request: Annotated[bool, Field(description="Whether the person who asks must sign too: without it their name is only said.")] = (
        False
    )
    expires_hours: Annotated[int, Field(ge=1, le=24 * 90, description="How long a request and its approvals hold, hours.")] = 24

    @model_validator(mode="after")
    def _somebody_is_meant(self) -> "GateRule":
        if not self.roles and not self.people:
            raise ValueError("names neither roles nor people who may answer")
        return self

    def may_answer(self, person: Person) -> bool:
        """Whether that person's answer counts at this gate."""
        return person.name in self.people or bool(set(person.roles) & set(self.roles))


class ApprovalPolicy(_Strict):
    """Who must approve before each gate; by default one approver who is not the person who asked."""

    execution: Annotated[GateRule, Field(description="Before the first write of a wave.")] = GateRule()
    cutover: Annotated[GateRule, Field(description="Before traffic and writes go to the target.")] = GateRule()
    no_return: Annotated[GateRule, Field(description="Before the first step that cannot be undone.")] = GateRule()
    clean_up: Annotated[GateRule, Field(description="Before what is left at the source is removed.")] = GateRule()

    def rule(self, gate: Gate) -> GateRule:
        """The rule of that gate, which is one of a wave."""
        return {Gate.EXECUTION: self.execution, Gate.CUTOVER: self.cutover, Gate.NO_RETURN: self.no_return, Gate.CLEAN_UP: self.clean_up}[
            gate
        ]


def check_people(people: Iterable[Person]) -> None:
    """Nothing, if each name and each key stands for one person. Raises ValueError."""
    known = tuple(people)
    twice = [name for name, count in Counter(one.name for one in known).items() if count > 1]
    if twice:
        raise ValueError(f"{twice[0]} is listed twice")
    holder: dict[str, str] = {}
    for one in known:
        for key in (one.key, *one.former_keys):
            if key in holder:
                raise ValueError(f"{key} is the key of {holder[key]} and again of {one.name}; each person needs a key of their own")
            holder[key] = one.name


def check_policy(policy: ApprovalPolicy, people: Iterable[Person]) -> None:
    """Nothing, if each gate can be opened by these people. Raises ValueError naming the gate and what it lacks.

    An estate without people has no gates to open yet, unless it says who opens them.
    """
    known = tuple(people)
    if not known and policy == ApprovalPolicy():
        return
    names = {one.name for one in known}
    for gate in WAVE_GATES:
        rule = policy.rule(gate)
        strangers = [name for name in rule.people if name not in names]
        if strangers:
            raise ValueError(f"{gate.value} names {strangers[0]}, who is not in people")
        able = [one.name for one in known if rule.may_answer(one)]
        if len(able) < rule.quorum:
            who = " or ".join(f"role {role.value}" for role in rule.roles) or "the named people"
            told = f"only {', '.join(able)}" if able else "nobody"
            raise ValueError(f"{gate.value} needs {rule.quorum} to approve, and {told} may ({who}); add people or lower its quorum")
