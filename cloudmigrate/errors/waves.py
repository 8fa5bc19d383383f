"""A wave as a whole: kept from being begun, halted, failed, run by another, or not to be taken back."""

from collections.abc import Mapping, Sequence

from cloudmigrate.errors import CloudMigrateError, UsageError

SHOWN_AT_MOST = 20


def _checks_block(number: int) -> str:
    return "1 check blocks it" if number == 1 else f"{number} checks block it"


class PastReturnError(UsageError):
    """What was asked to be undone lies behind a step that cannot be undone."""

    def __init__(self, group: str, step_id: str) -> None:
        self.group = group
        self.step_id = step_id
        super().__init__(
            f"move group {group} cannot be rolled back: step {step_id}, its point of no return, was done. "
            "Next: restore from the snapshots that the journal names (`cloudmigrate status`), or go on with `cloudmigrate resume`."
        )


class UnplacedError(UsageError):
    """The estate file does not say where some of a wave goes to, so it has no steps."""

    def __init__(self, plan_id: str, wave: int, lacking: Sequence[str]) -> None:
        self.plan_id = plan_id
        self.wave = wave
        self.lacking = tuple(lacking)  # all of it, each with what needs it and what to add
        entries = "1 entry is" if len(self.lacking) == 1 else f"{len(self.lacking)} entries are"
        self.sentence = f"wave {wave} of plan {plan_id} cannot be made into steps: {entries} missing under `targets` in the estate file"
        shown = "".join(f"\n  {one}" for one in self.lacking[:SHOWN_AT_MOST])
        rest = len(self.lacking) - SHOWN_AT_MOST
        whole = f"`cloudmigrate runbook {plan_id} --wave {wave} --out FOLDER` writes the whole list"
        more = f"\n  and {rest} more: {whole}" if rest > 0 else ""
        super().__init__(f"{self.sentence}:{shown}{more}\nNext: add what each line names, then run this again.")


class PreflightBlocksError(CloudMigrateError):
    """What was checked before a wave keeps it from being begun."""

    def __init__(self, plan_id: str, wave: int, blocking: Sequence[str]) -> None:
        self.plan_id = plan_id
        self.wave = wave
        self.blocking = tuple(blocking)
        shown = "".join(f"\n  {one}" for one in self.blocking[:SHOWN_AT_MOST])
        more = f"\n  and {len(self.blocking) - SHOWN_AT_MOST} more" if len(self.blocking) > SHOWN_AT_MOST else ""
        super().__init__(
            f"wave {wave} of plan {plan_id} was not begun: {_checks_block(len(self.blocking))}.{shown}{more}\n"
            f"Next: see `cloudmigrate preflight {plan_id} --wave {wave}`, mend or waive them (execution.waivers), then run this again."
        )


class WaveFailedError(CloudMigrateError):
    """A wave did not come to its end: groups went back, or wait for a person."""

    def __init__(self, plan_id: str, wave: int, groups: Mapping[str, str], failures: Mapping[str, str], stuck: Mapping[str, str]) -> None:
        self.plan_id = plan_id
        self.wave = wave
        self.groups = dict(groups)
        self.failures = dict(failures)
        self.stuck = dict(stuck)  # step -> why it could not be undone
        told = "".join(f"\n  {name}: {state}" for name, state in self.groups.items())
        why = "".join(f"\n  {one}" for one in (*self.failures.values(), *(f"not undone: {text}" for text in self.stuck.values())))
        todo = (
            f"`cloudmigrate status {plan_id} --wave {wave}` gives the commands for what could not be undone; then roll back again"
            if self.stuck
            else f"mend the cause, then `cloudmigrate resume {plan_id} --wave {wave}`"
        )
        super().__init__(f"wave {wave} of plan {plan_id} did not come to its end:{told}{why}\nNext: {todo}.")


class WaveHaltedError(CloudMigrateError):
    """This run of a wave ends in its midst; what was begun is on record, and whoever goes on looks first what was done."""

    def __init__(self) -> None:
        super().__init__("the run of the wave ends; what was begun is on record. Next: resume it, or roll it back.")


class WritesAtRiskError(UsageError):
    """What would go back holds what users may have written since cutover, and nobody said that it may be lost."""

    def __init__(self, plan_id: str, wave: int, told: Sequence[str]) -> None:
        self.plan_id = plan_id
        self.wave = wave
        self.told = tuple(told)
        lines = "".join(f"\n  {one}" for one in told)
        super().__init__(
            f"wave {wave} of plan {plan_id}: users may have written to what would be removed:{lines}\n"
            "Next: save what they wrote, then roll back with --despite-writes."
        )


class WaveBusyError(CloudMigrateError):
    """Another process runs this wave, or took it over."""

    def __init__(self, plan_id: str, wave: int, holder: str) -> None:
        self.plan_id = plan_id
        self.wave = wave
        self.holder = holder
        super().__init__(
            f"wave {wave} of plan {plan_id} is run by another process ({holder}); this one stops and does nothing more. "
            "Next: watch it with `cloudmigrate status`, or stop it before you start again."
        )
