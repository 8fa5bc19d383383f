"""Steps that compare buckets, or take objects away that another bucket was seen to hold, in a world of steps that are done by calls."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cloudmigrate.aws import manifests as buckets
from cloudmigrate.aws.calling import CallMade, nobody
from cloudmigrate.aws.failures import CALL_ERRORS, failure_of, passes
from cloudmigrate.aws.manifests import Side, UndeletedError
from cloudmigrate.aws.sending import Leave, always, asking
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.acts.buckets import COMPARE, CREATE_BUCKET, EMPTY_SOURCE
from cloudmigrate.domain.acts.record import Call
from cloudmigrate.domain.itineraries.building import token
from cloudmigrate.domain.refusals import refused, unclear
from cloudmigrate.domain.steps import Step
from cloudmigrate.errors.stores import LakeError
from cloudmigrate.execution.ports import World
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.manifests import Bounds, Comparison, Manifests

OWN = frozenset({COMPARE.name, EMPTY_SOURCE.name})
FOLDER = "evidence/manifests"


@dataclass(frozen=True, slots=True)
class WithManifests:
    """A world that also compares buckets. Its sessions may retry by themselves: what they do can be done again without harm."""

    world: World
    sessions: AwsSessions
    lake: Lake
    heard: Callable[[CallMade], None] = field(default=nobody, repr=False)  # hears of every batch that is deleted
    may_write: Leave = field(default=always, repr=False)  # asked right before each of them
    memory_limit: str = "400MB"
    every: timedelta = timedelta(minutes=2)  # between one comparison and the next
    within: timedelta = timedelta(hours=12)  # until nothing differs
    sleep: Callable[[float], object] = field(default=time.sleep, repr=False)
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC), repr=False)

    def look(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        """What the step gives, where it was done; a comparison is made anew."""
        return None if step.act in OWN else self.world.look(step, params, key)

    def act(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """What the step gives. Raises StepRefusedError, StepUnclearError."""
        if step.act == COMPARE.name:
            return self._told(step, lambda: self._until_same(step, params))
        if step.act == EMPTY_SOURCE.name:
            return self._told(step, lambda: self._empty_source(step, params))
        return self.world.act(step, params, key)

    def undo(self, step: Step, params: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        """Nothing; what the step did is gone. A bucket is emptied before it goes, of what the source holds and of nothing else."""
        if step.act == CREATE_BUCKET.name:
            self._told(step, lambda: self._empty_target(step, params))
        self.world.undo(step, params, outputs)

    def is_repeatable(self, step: Step) -> bool:
        """Whether the same again does no harm."""
        return step.act in OWN or self.world.is_repeatable(step)

    def give_up(self, groups: Collection[str]) -> None:
        """As of the world."""
        self.world.give_up(groups)

    def only_waits(self, step: Step) -> bool:
        """Whether the step only looks; one that compares buckets works."""
        return step.act not in OWN and self.world.only_waits(step)

    def begun(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        """What a step that was not done may have left of itself."""
        return None if step.act in OWN else self.world.begun(step, params, key)

    def _until_same(self, step: Step, params: Mapping[str, Any]) -> Mapping[str, Any]:
        source, target = self._sides(step, params)
        begun = self.clock()
        while True:
            is_late = self.clock() - begun >= self.within.total_seconds()
            try:
                found = self._compared(step, source, target, timedelta(seconds=params["settled_s"]))[1]
            except LakeError as error:  # hours of replication are not given up for a lake that is away for a moment
                if is_late or not error.transient:
                    raise
                self.sleep(self.every.total_seconds())
                continue
            if not found.count("missing", "different") and (params.get("may_have_more") or not found.count("extra")):
                return _outputs(found)
            if is_late:
                what = f"{source.bucket} and {target.bucket} still differ after {self.within}: {_counted(found)}"
                raise refused(
                    step, f"{what}; {'; '.join(found.samples)}", f"read {found.evidence}, mend what keeps them apart, then resume"
                )
            self.sleep(self.every.total_seconds())

    def _empty_source(self, step: Step, params: Mapping[str, Any]) -> Mapping[str, Any]:
        source, target = self._sides(step, params)
        if not buckets.is_empty(source):
            held, found = self._compared(step, source, target, timedelta(0))
            if found.count("missing", "different", "young", "size_only"):
                reason = f"{target.bucket} is not seen to hold all of {source.bucket}: {_counted(found)}; {'; '.join(found.samples)}"
                raise refused(step, reason, f"read {found.evidence}; nothing was deleted")
            pairs = held.held()
            self._delete(step, source, ((one["key"], one["version_id"]) for one in pairs))
            return _outputs(found)
        return {"evidence": ""}

    def _empty_target(self, step: Step, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Take away what the source holds as well. Raises StepRefusedError where something came to the target only."""
        target = Side(self.sessions.client(step.account_id, "s3", step.region), params["bucket"])
        if buckets.is_empty(target) is not False:
            return {}
        at = params["source"]
        source = Side(self.sessions.client(at["account_id"], "s3", at["region"]), at["bucket"])
        held, found = self._compared(step, source, target, timedelta(0))
        if found.count("extra", "newer"):
            reason = (
                f"{target.bucket} has what {source.bucket} has not, written after cutover: {_counted(found)}; {'; '.join(found.samples)}"
            )
            raise refused(
                step, reason, f"copy to {source.bucket} what {found.evidence} names, delete it in the target, then roll back again"
            )
        self._delete(step, target, ((one["key"], one["target_version_id"]) for one in held.held()))
        return {}

    def _delete(self, step: Step, side: Side, pairs: Iterable[tuple[str, str]]) -> None:
        with asking(self.may_write):
            buckets.delete_versions(side, pairs, self._heard_of(step))

    def _heard_of(self, step: Step) -> Callable[[Mapping[str, Any]], None]:
        """Who is told of each batch of objects that this step deleted."""

        def heard(answer: Mapping[str, Any]) -> None:
            request_id = str((answer.get("ResponseMetadata") or {}).get("RequestId") or "")
            self.heard(CallMade(step, Call("s3", "DeleteObjects"), step.account_id, step.region, request_id))

        return heard

    def _sides(self, step: Step, params: Mapping[str, Any]) -> tuple[Side, Side]:
        source = Side(self.sessions.client(step.account_id, "s3", step.region), params["bucket"])
        return source, Side(self.sessions.client(params["to_account_id"], "s3", params["to_region"]), params["to_bucket"])

    def _compared(self, step: Step, source: Side, target: Side, settled: timedelta) -> tuple[Manifests, Comparison]:
        listed_at = self.now()
        folder = f"{FOLDER}/{'/'.join(token(one) for one in step.step_id.split('/'))}/{listed_at.strftime('%Y%m%dT%H%M%S.%fZ')}"
        by_key = buckets.is_by_key(source) or buckets.is_by_key(target)
        made = Manifests(self.lake, folder, Bounds(listed_at, listed_at - settled, not by_key), self.memory_limit)
        made.write("source", buckets.versions(source.client, source.bucket))
        made.write("target", buckets.versions(target.client, target.bucket))
        made.write_checksums(_of_pairs(source, target, made))
        return made, made.compare()

    def _told(self, step: Step, do: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        """What *do* gives. Raises StepRefusedError, StepUnclearError for what the cloud answered, and for a lake that takes no evidence.

        A lake that fails is an error of this step alone: on the way back the steps of all others are undone all the same.
        """
        try:
            return do()
        except LakeError as error:
            reason = f"{error.step} {error.location}: {error.reason}"
            if error.transient:
                raise unclear(step, reason, error.next_action) from error
            raise refused(step, reason, error.next_action) from error
        except UndeletedError as error:
            raise refused(step, str(error), "see who keeps it, then go on") from error
        except CALL_ERRORS as error:
            failure = failure_of(error, "s3:ListBucketVersions")
            if passes(error):
                raise unclear(step, failure.detail, failure.next_action) from error
            raise refused(step, failure.detail, failure.next_action) from error


def _of_pairs(source: Side, target: Side, made: Manifests) -> Iterator[dict[str, Any]]:
    return buckets.checksums(source, target, made.unsure())


def _outputs(found: Comparison) -> dict[str, Any]:
    return {"evidence": found.evidence, "versions": dict(found.counts)}


def _counted(found: Comparison) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in sorted(found.counts.items()))
