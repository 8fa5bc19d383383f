"""What the ledger knows of waves: their journal, what was checked and asked before, who said what. Mixed into the ledger itself."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from cloudmigrate.domain.approvals import ApprovalAnswer, ApprovalRequest
from cloudmigrate.domain.confirmations import Confirmation
from cloudmigrate.domain.journal import Entry
from cloudmigrate.domain.people import Person
from cloudmigrate.domain.steps import Step
from cloudmigrate.ledger import approvals, audit, claims, journal, journal_proof, places, preflights, wave_starts
from cloudmigrate.ledger.records import ApprovalRecord, AuditEvent, JournalLine, NotedHead, PreflightRow, WaveStart
from cloudmigrate.ledger.transactions import Transactions


class WaveRecords(Transactions):
    """The part of the ledger that executing a plan writes and reads. Every method raises LedgerError."""

    # the journal of waves

    def take_wave(self, plan_id: str, wave: int, *, estate: str, holder: str) -> journal.WaveHold:
        """The right to write this wave's journal; whoever had it before can write no more."""
        with self._write(f"take wave {wave} of plan {plan_id}") as connection:
            return journal.take(connection, estate, plan_id, wave, holder=holder, taken_at=self._clock())

    def wave_holder(self, plan_id: str, wave: int) -> str | None:
        """Who took the wave's journal last; None where nobody ever did."""
        with self._read(f"read who holds wave {wave} of plan {plan_id}") as connection:
            return journal.holder_of(connection, plan_id, wave)

    def refuse_lost(self, hold: journal.WaveHold) -> None:
        """Nothing, as long as the wave's journal is the holder's. Raises WaveBusyError where another process took it over."""
        with self._read(f"see who holds wave {hold.wave} of plan {hold.plan_id}") as connection:
            journal.refuse_lost(connection, hold)

    def record_step(self, hold: journal.WaveHold, entry: Entry, *, first: Step | None = None, own: Sequence[Step] = ()) -> None:
        """Add a line to a wave's journal, and its audit event. Raises WaveBusyError where another process took the wave over.

        *first*: the line's step, where it is the first of its resource to begin, and *own*: all steps for that resource. Raises
        StepRefusedError where a wave of another plan has the resource in its hands; then nothing is added.
        """
        with self._write(f"record {entry.state} of step {entry.step_id}") as connection:
            if first is not None:
                claims.refuse_taken(connection, hold, first, own)
            journal.record(connection, hold, entry, self._clock())

    def step_entries(self, plan_id: str, wave: int) -> tuple[Entry, ...]:
        """The journal of a wave, from its first line on."""
        with self._read(f"read the journal of wave {wave} of plan {plan_id}") as connection:
            return journal.entries(connection, plan_id, wave)

    def journal_lines(self, plan_id: str, wave: int) -> tuple[JournalLine, ...]:
        """The journal of a wave, from its first line on, with when and by whom each line was written."""
        with self._read(f"read the journal of wave {wave} of plan {plan_id}") as connection:
            return journal.lines(connection, plan_id, wave)

    def step_events(self, plan_id: str, wave: int) -> tuple[AuditEvent, ...]:
        """What the audit chain holds of a wave's steps, oldest first."""
        with self._read(f"read the audit events of wave {wave} of plan {plan_id}") as connection:
            return tuple(audit.list_step_events(connection, plan_id, wave))

    def journal_doubts(
        self, plan_id: str, wave: int, lines: Sequence[Entry], signed: Sequence[NotedHead] = ()
    ) -> Mapping[str, journal_proof.Doubt]:
        """step -> why these lines, read from the journal before, are not to be acted upon; *signed*: heads that the chain must hold."""
        with self._read(f"hold the journal of wave {wave} of plan {plan_id} against the audit chain") as connection:
            return journal_proof.doubts(connection, plan_id, wave, lines, signed)

    def exchange_places(self, hold: journal.WaveHold, ended: Collection[str], wanted: Mapping[str, Mapping[str, int]]) -> frozenset[str]:
        """The steps of *wanted* (step -> name -> how many may have it) that got their places; those of steps that ended are given back."""
        with self._write(f"take places for wave {hold.wave} of plan {hold.plan_id}") as connection:
            return places.exchange(connection, hold, ended, wanted, self._clock())

    def start_wave(self, given: WaveStart) -> None:
        """Record with which steps a wave begins, and its audit event."""
        with self._write(f"record the start of wave {given.wave} of plan {given.plan_id}") as connection:
            wave_starts.start(connection, given)

    def wave_start(self, plan_id: str, wave: int) -> WaveStart | None:
        """With which steps that wave was begun last; None where it never was."""
        with self._read(f"read the start of wave {wave} of plan {plan_id}") as connection:
            return wave_starts.newest_start(connection, plan_id, wave)

    def every_step(self, plan_id: str, wave: int) -> dict[str, Step]:
        """step -> the step as that wave had it last, of all its beginnings; to be told and looked for by, not to be run."""
        with self._read(f"read the steps of wave {wave} of plan {plan_id}") as connection:
            return wave_starts.every_step(connection, plan_id, wave)

    def confirm_step(self, given: Confirmation, people: Sequence[Person]) -> None:
        """Record a person's signed word on a step by hand, if it is proven by the key of one of *people*."""
        with self._write(f"record the confirmation of step {given.step_id}") as connection:
            wave_starts.confirm(connection, given, people)

    def confirmations(self, plan_id: str, wave: int) -> tuple[Confirmation, ...]:
        """What was said of a wave's steps by hand, oldest first; whether it is proven is for who reads it."""
        with self._read(f"read the confirmations of wave {wave} of plan {plan_id}") as connection:
            return wave_starts.list_confirmations(connection, plan_id, wave)

    def begun_waves(self, estate: str) -> tuple[tuple[str, int], ...]:
        """(plan, wave) of every wave that was ever run, the last first."""
        with self._read(f"list waves of estate {estate}") as connection:
            return journal.begun_waves(connection, estate)

    def wave_starts(self, estate: str) -> Iterator[WaveStart]:
        """With which steps each wave of the estate was begun last, the last run first; those that never began are left out."""
        for plan_id, wave in self.begun_waves(estate):
            start = self.wave_start(plan_id, wave)
            if start is not None:
                yield start

    # preflights

    def record_preflight(self, checked: PreflightRow, *, plan_hash: str) -> PreflightRow:
        """The row as it is kept (its document without secrets), and its audit event; each check is a row of its own."""
        with self._write(f"record the preflight of wave {checked.wave} of plan {checked.plan_id}") as connection:
            return preflights.record(connection, checked, plan_hash)

    def newest_preflight(self, plan_id: str, wave: int) -> PreflightRow | None:
        """What was checked last before this wave; None where nothing was."""
        with self._read(f"read the preflight of wave {wave} of plan {plan_id}") as connection:
            return preflights.newest_of_wave(connection, plan_id, wave)

    def preflight(self, preflight_hash: str) -> PreflightRow | None:
        """The newest preflight of this result, such as an approval binds; None where there is none."""
        with self._read(f"read the preflight {preflight_hash[:12]}") as connection:
            return preflights.newest_of_hash(connection, preflight_hash)

    # approvals

    def ask_approval(self, request: ApprovalRequest) -> None:
        """Record what somebody wants to pass a gate with; asked again it changes nothing."""
        with self._write(
            f"record the request for gate {request.gate.value} of wave {request.wave} of plan {request.plan_id}"
        ) as connection:
            approvals.ask(connection, request)

    def answer_approval(self, answer: ApprovalAnswer, people: Sequence[Person]) -> None:
        """Record a signed answer, if it is proven by the key of one of *people* and signs a head of this chain."""
        with self._write(f"record the answer of {answer.approver}") as connection:
            approvals.answer(connection, answer, people)

    def approvals(self, estate: str, plan_id: str | None = None, wave: int | None = None) -> ApprovalRecord:
        """What was asked and answered, oldest first, and what the audit chain has against it."""
        with self._read(f"read the approvals of estate {estate}") as connection:
            return approvals.read(connection, estate, plan_id, wave)

    def verify_approvals(self, estate: str, people: Sequence[Person]) -> tuple[str, ...]:
        """Every request and answer of the estate that was changed, removed or put in; empty when all are what they were."""
        with self._read(f"verify the approvals of estate {estate}") as connection:
            return tuple(approvals.problems(connection, estate, approvals.read(connection, estate), people))
