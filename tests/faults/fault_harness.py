"""Runs in child processes, struck or not, and what must be true after each of them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fault_child import outcome_of

from flows.pipeline import run_directly
from flows.settings import Settings
from transforms.contracts import CONTENT_TABLES
from warehouse.audit import audit, audit_release
from warehouse.folder import DataFolder
from warehouse.journal import read_runs

_HERE: Final = Path(__file__).resolve().parent

#: A run takes about two seconds; one that takes so long hangs.
_PATIENCE_SECONDS: Final = 120
_ORPHAN_SECONDS: Final = 15

#: What may stand in a data folder after a run.
_EXPECTED: Final = {"releases", "current", "staging", "runs", "loader.lock", "sources.json", "touched.parquet"}


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a run. ``calls`` are those that the shim counted: of the main process, and the most of a worker.

    ``code`` is negative when a signal ended it. ``seconds`` is from its beginning, Python's start left out.
    """

    code: int
    outcome: dict[str, Any]
    error: str
    seconds: float
    main_calls: int
    worker_calls: int
    struck: int


def build_shim(place: Path) -> Path | None:
    """Compile the shim; None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    shim = place / "faults.so"
    command = [
        compiler,
        "-shared",
        "-fPIC",
        "-O2",
        "-Wall",
        "-Werror",
        "-o",
        str(shim),
        str(_HERE / "faults.c"),
        "-ldl",
    ]
    subprocess.run(command, check=True)
    return shim


def _group_members(group: int) -> list[int]:
    """The processes of a group that have not ended."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, member_of = stat.read_text().rpartition(")")[2].split()[:3]
            if int(member_of) == group and state != "Z":
                members.append(int(stat.parent.name))
    return members


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


class Harness:
    """Starts runs and inspects what they leave. ``place`` is a folder for its own files."""

    def __init__(self, place: Path, batch_files: int = 10) -> None:
        self.place = place
        self.shim = build_shim(place)
        self._batch_files = batch_files
        self._scratch_count = 0

    def _settings(self, data: Path, workers: int) -> dict[str, Any]:
        return {
            "data": data,
            "workers": workers,
            "batch_files": self._batch_files,
            "keep_releases": 2,
            "keep_hours": 0,
            "settle_seconds": 0,
        }

    def _environment(self, data: Path, faults: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATELINE_", "FAULT_"))}
        if self.shim is None:
            return kept
        return kept | {
            "LD_PRELOAD": str(self.shim),
            "FAULT_ROOT": str(data),
            "FAULT_COUNT": str(self.place / "count"),
            **faults,
        }

    def run(
        self,
        articles: Path,
        data: Path,
        workers: int,
        faults: Mapping[str, str] | None = None,
        kill_after: float | None = None,
    ) -> Run:
        """Do a run in a process group of its own and wait for it.

        ``faults`` are variables of the shim; ``kill_after`` so many seconds the whole group is killed. Raises
        ``TimeoutError`` when a run or its orphaned workers do not end.
        """
        for old in self.place.glob("count.*"):
            old.unlink()
        given = {"articles": str(articles)} | self._settings(data, workers) | {"data": str(data)}
        with (self.place / "stderr").open("w+", encoding="utf-8", errors="replace") as errors:
            process = subprocess.Popen(
                [sys.executable, str(_HERE / "fault_child.py"), json.dumps(given)],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=self._environment(data, faults or {}),
                start_new_session=True,
            )
            try:
                return self._follow(process, errors.name, kill_after)
            finally:
                _kill_group(process.pid)
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()

    def run_here(self, articles: Path, data: Path) -> Run:
        """Do a run in this process, which nothing strikes: quicker. Raises what the run raises."""
        summary = run_directly(Settings.given(**self._settings(data, 1)), [articles], mirror=True)
        return Run(0, outcome_of(summary), "", summary.work_seconds, 0, 0, 0)

    def _follow(self, process: subprocess.Popen[str], errors: str, kill_after: float | None) -> Run:
        lines = process.stdout
        assert lines is not None
        lines.readline()
        begun = time.monotonic()
        try:
            if kill_after is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(kill_after)
                _kill_group(process.pid)
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"the run does not end within {_PATIENCE_SECONDS} s") from None
        seconds = time.monotonic() - begun
        self._await_orphans(process.pid)
        text = lines.read()
        outcome = json.loads(text) if text.strip() else {}
        main, workers, struck = self._counts(process.pid)
        error = Path(errors).read_text(encoding="utf-8", errors="replace")
        return Run(process.returncode, outcome, error, seconds, main, workers, struck)

    @staticmethod
    def _await_orphans(group: int) -> None:
        """Workers must end when the process that started them does."""
        until = time.monotonic() + _ORPHAN_SECONDS
        while members := _group_members(group):
            if time.monotonic() > until:
                raise TimeoutError(f"the workers {members} outlive their run by {_ORPHAN_SECONDS} s")
            time.sleep(0.02)

    def _counts(self, main_pid: int) -> tuple[int, int, int]:
        numbers = {int(path.suffix[1:]): struct.unpack("qq", path.read_bytes()) for path in self.place.glob("count.*")}
        workers = [calls for pid, (calls, _) in numbers.items() if pid != main_pid]
        struck = sum(each for _, each in numbers.values())
        return numbers.get(main_pid, (0, 0))[0], max(workers, default=0), struck

    def from_scratch(self, articles: Path) -> dict[str, str]:
        """The content that a run into a fresh data folder makes of the same articles."""
        self._scratch_count += 1
        data = self.place / f"scratch-{self._scratch_count}"
        try:
            self.run_here(articles, data)
            return content(DataFolder(data))
        finally:
            shutil.rmtree(data, ignore_errors=True)


def content(folder: DataFolder) -> dict[str, str]:
    """The hash of every content file of the current release, by path."""
    release = folder.published_release()
    return {
        str(path.relative_to(release.path)): hashlib.sha256(path.read_bytes()).hexdigest()
        for table in CONTENT_TABLES
        for path in release.files(table)
    }


def current_number(folder: DataFolder) -> int:
    """The number of the release that the link leads to; 0 before the first."""
    return int(folder.current.readlink().name) if folder.current.is_symlink() else 0


def staged(folder: DataFolder) -> set[str]:
    """The names of the batches that are finished."""
    if not folder.staging.is_dir():
        return set()
    return {path.name for path in folder.staging.iterdir() if path.is_dir() and not path.name.startswith(".")}


def broken_by_fault(folder: DataFolder, before: int) -> list[str]:
    """What a fault must never do, whatever it was: harm what is published, or publish what is not sound."""
    after = current_number(folder)
    found = [] if after >= before else [f"the current release went from {before} to {after}"]
    return found + (audit(folder) if after else [])


def _leftovers(folder: DataFolder) -> Iterator[str]:
    for path in folder.staging.iterdir():
        yield f"staging still holds {path.name}"
    for path in folder.releases.iterdir():
        if not (path / "manifest.json").is_file():
            yield f"release {path.name} has no manifest"
    for path in folder.root.rglob("*"):
        if path.name.endswith((".tmp", ".wal", ".spill")):
            yield f"{path.relative_to(folder.root)} was left behind"
    for name in sorted({path.name for path in folder.root.iterdir()} - _EXPECTED):
        yield f"{name} is no part of a data folder"
    for record in read_runs(folder.runs):
        if "status" not in record:
            yield f"the journal does not know how run {record['run_id']} ended"


def broken_after_clean_run(folder: DataFolder, articles: Path, run: Run, expected: dict[str, str]) -> list[str]:
    """What is not as if nothing had ever gone wrong, after a run that nothing struck.

    ``expected`` is the content that a build from scratch makes of the articles.
    """
    if run.code != 0:
        return [f"the run that went on ended with {run.code}: {run.error[-2000:]}"]
    found = audit(folder) + list(_leftovers(folder))
    for release in folder.complete_releases():
        if release.number != current_number(folder):
            found += audit_release(release)
    count = sum(path.is_file() for path in articles.rglob("*"))
    living = run.outcome["ledger"]["loaded"] + run.outcome["ledger"]["quarantined"]
    if living != count:
        found.append(f"the ledger knows {living} files that are there, but there are {count}")
    if content(folder) != expected:
        found.append("the content is not that of a build from scratch")
    return found
