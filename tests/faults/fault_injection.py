"""Kill runs and make their disk fail, again and again, and prove each time that nothing is lost or half done.

``python tests/faults/fault_injection.py [--kills 200] [--errors 100] [--seed 0] [--files 60] [--workers 1,2]``

Half of the kills strike the whole process group at a random moment, half one process at one of its calls that
change the data folder. The errors are a full disk, a broken one and one that became read-only, once or from then
on. The same seed makes the same inputs and faults; when the process is where at a random moment is up to the clock.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fault_harness import Harness, Run, broken_after_clean_run, broken_by_fault, current_number, staged
from fault_inputs import Inputs
from fsync_order import order_violations

from warehouse.folder import DataFolder

#: Rounds until all begins anew with an empty data folder: the first release is made in another way than the next.
_ROUNDS_PER_FOLDER: Final = 12

#: Faults in a row before a run is let through.
_MOST_IN_A_ROW: Final = 3

#: A full disk still lets things be removed.
_WRITING: Final = "open,write,fsync,rename,link,symlink,mkdir,truncate,copy"
_ERRORS: Final = ("ENOSPC", "EIO", "EROFS", "short")
_WORKER_CALLS: Final = 40

#: So small that a round's changes make several batches: with one batch no worker is started.
_BATCH_FILES: Final = 3

#: Calls and seconds of a run before one has been seen.
_FIRST_GUESS: Final = (150, 1.0)

_PROGRESS_EVERY: Final = 20
_MOST_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Fault:
    """``kind`` for the report; the shim's variables, or the seconds after which all is killed."""

    kind: str
    variables: dict[str, str] = field(default_factory=dict)
    moment: float | None = None


@dataclass
class Report:
    """Counts of all that was done, and every violation with how to see it again."""

    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


class Campaign:
    """A data folder, its inputs, and the faults that strike the runs between them."""

    def __init__(self, place: Path, *, seed: int, files: int, workers: list[int]) -> None:
        self._random = random.Random(seed)  # ruff: ignore[suspicious-non-cryptographic-random-usage]
        self._seed, self._files, self._worker_counts = seed, files, workers
        self.harness = Harness(place, _BATCH_FILES)
        self.report = Report()
        self._round = 0
        self._lengths: dict[tuple[int, bool], tuple[int, float]] = {}
        self._in_a_row = 0
        self._pending: set[str] = set()
        self._begin_folder()

    def _begin_folder(self) -> None:
        place = self.harness.place / f"folder-{self._round}"
        self._inputs = Inputs(place / "articles", seed=self._random.getrandbits(32), count=self._files)
        self._folder = DataFolder(place / "data")
        self._in_a_row = 0

    def _length(self, workers: int) -> tuple[int, float]:
        """Calls of the main process and seconds that such a run took the last time nothing struck it."""
        return self._lengths.get((workers, current_number(self._folder) == 0), _FIRST_GUESS)

    def _violated(self, found: list[str], what: str) -> None:
        for each in found:
            told = f"seed {self._seed}, round {self._round}, {what}: {each}"
            self.report.violations.append(told)
            print(f"VIOLATION {told}", flush=True)

    def _run(self, fault: Fault | None, workers: int) -> Run | None:
        self.report.counts["runs"] += 1
        before = current_number(self._folder)
        moment, variables = (fault.moment, fault.variables) if fault else (None, {})
        try:
            run = self.harness.run(self._inputs.folder, self._folder.root, workers, variables, moment)
        except TimeoutError as error:
            self._violated([str(error)], f"fault {fault}")
            return None
        has_published = current_number(self._folder) > before
        self.report.counts["releases published"] += has_published
        if has_published and run.code == 0 and not run.struck:
            self._lengths[workers, before == 0] = (run.main_calls, run.seconds)
        self._violated(broken_by_fault(self._folder, before), f"fault {fault}")
        return run

    def strike(self, make: Callable[[int], Fault]) -> bool:
        """One round: perhaps change the inputs, do a run that a fault strikes, perhaps let one through.

        ``make`` makes the fault for a count of workers. The value tells whether it struck the run before its end.
        """
        self._round += 1
        if self._round % _ROUNDS_PER_FOLDER == 0:
            shutil.rmtree(self._folder.root.parent)
            self._begin_folder()
        if self._in_a_row == 0 or self._random.random() < 0.4:
            self._inputs.change()
        before, staged_before = current_number(self._folder), staged(self._folder)
        workers = self._random.choice(self._worker_counts)
        fault = make(workers)
        run = self._run(fault, workers)
        if run is None:
            return True
        was_struck = run.struck > 0 if fault.moment is None else run.code < 0
        self.report.counts[fault.kind if was_struck else "runs that ended before the fault"] += 1
        if run.code == 0 and not current_number(self._folder):
            self._violated(["a run ended well without a release"], f"fault {fault}")
        # What was staged before, for other inputs perhaps, need not be what the next run looks for.
        self._pending = staged(self._folder) - staged_before if current_number(self._folder) == before else set()
        self._in_a_row += 1
        if self._in_a_row >= _MOST_IN_A_ROW or self._random.random() < 0.5:
            self.go_on()
        return was_struck

    def go_on(self) -> None:
        """Let a run through and hold what it leaves against a build from scratch."""
        if self._random.random() < 0.2:
            self._inputs.change()
            self._pending = set()
        run = self._run(None, self._random.choice(self._worker_counts))
        self._in_a_row = 0
        if run is None:
            return
        self.report.counts["clean continuations"] += 1
        found = broken_after_clean_run(
            self._folder, self._inputs.folder, run, self.harness.from_scratch(self._inputs.folder)
        )
        self.report.counts["comparisons with a build from scratch"] += 1
        if run.code == 0:
            reused = run.outcome["batches_reused"]
            self.report.counts["batches reused"] += reused
            if reused < len(self._pending):
                found.append(f"only {reused} of {len(self._pending)} batches were reused that the killed run finished")
        self._violated(found, "the run after it")

    def prove_order(self) -> None:
        """Trace the calls of a run, and see that all of its release was on the disk before the switch."""
        trace = self.harness.place / "trace"
        self._inputs.change()
        self._pending = set()
        before = current_number(self._folder)
        run = self._run(Fault("trace", {"FAULT_TRACE": str(trace)}), self._worker_counts[0])
        if run is not None and current_number(self._folder) > before:
            self.report.counts["runs traced for the order of flushes"] += 1
            self._violated(order_violations(trace, self._folder), "the order of flushes")
        trace.unlink(missing_ok=True)

    def timed_kill(self, workers: int) -> Fault:
        """Kill the whole group at a random moment of the run."""
        return Fault("kills at a random moment", moment=self._random.uniform(0, 1) * self._length(workers)[1])

    def kill_at_call(self, workers: int) -> Fault:
        """Kill one process, mostly the main one, at one of its calls, or in the middle of a write."""
        who = "worker" if workers > 1 and self._random.random() < 0.25 else "main"
        number = self._random.randint(1, _WORKER_CALLS if who == "worker" else self._length(workers)[0])
        action = self._random.choice(("kill", "kill", "kill", "torn"))
        kind = "kills of workers at a call" if who == "worker" else "kills at a call"
        return Fault(kind, {"FAULT_AT": str(number), "FAULT_ACTION": action, "FAULT_WHO": who})

    def error_at_call(self, workers: int) -> Fault:
        """Fail one call, or all from one on."""
        action = self._random.choice(_ERRORS)
        number = self._random.randint(1, self._length(workers)[0])
        calls = _WRITING if action in {"ENOSPC", "short"} else ""
        repeat = self._random.choice("01")
        when = " once" if repeat == "0" and action != "short" else " from then on"
        return Fault(
            f"{action}{when}",
            {"FAULT_AT": str(number), "FAULT_ACTION": action, "FAULT_CALLS": calls, "FAULT_REPEAT": repeat},
        )

    def makers(self, kills: int, errors: int) -> list[Callable[[int], Fault]]:
        """Makers of so many faults, in a random order; without the shim, of kills at random moments alone."""
        if self.harness.shim is None:
            return [self.timed_kill] * kills
        half = kills // 2
        makers = [self.timed_kill] * half + [self.kill_at_call] * (kills - half) + [self.error_at_call] * errors
        self._random.shuffle(makers)
        return makers


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--errors", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--workers", default="1,2", help="worker counts to choose from, by commas")
    return parser.parse_args()


def _strike_all(campaign: Campaign, kills: int, errors: int, start: float) -> None:
    makers = campaign.makers(kills, errors)
    total = len(makers)
    struck = tried = 0
    while makers and tried < _MOST_TRIES * total:
        tried += 1
        make = makers.pop()
        if not campaign.strike(make):
            # The run had ended by then: the same again, later.
            makers.insert(0, make)
            continue
        struck += 1
        if struck % _PROGRESS_EVERY == 0 or not makers:
            violations = len(campaign.report.violations)
            print(f"{struck}/{total} faults, {violations} violations, {time.monotonic() - start:.0f} s", flush=True)
            if campaign.harness.shim is not None:
                campaign.prove_order()
    campaign.go_on()


def main() -> int:
    """Run the campaign and print the report, also when it is interrupted; 1 on any violation."""
    given, start = _arguments(), time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    is_whole = False
    with tempfile.TemporaryDirectory(prefix="dateline-faults-") as name:
        workers = [int(each) for each in given.workers.split(",")]
        campaign = Campaign(Path(name).resolve(), seed=given.seed, files=given.files, workers=workers)
        if campaign.harness.shim is None:
            print("no C compiler (cc): only kills at random moments are done, no calls are made to fail")
        try:
            _strike_all(campaign, given.kills, given.errors, start)
            is_whole = True
        except KeyboardInterrupt:
            print("interrupted: the report is of what was done until then")
    counts = campaign.report.counts
    for kind in sorted(counts):
        print(f"{kind:<42}{counts[kind]:>8,}")
    print(f"{'violations':<42}{len(campaign.report.violations):>8,}")
    print(f"{'seconds':<42}{time.monotonic() - start:>8,.0f}")
    return 0 if is_whole and not campaign.report.violations else 1


if __name__ == "__main__":
    sys.exit(main())
