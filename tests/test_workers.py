"""The processes that transform batches: what they begin with, and how they end."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

import flows.workers
from flows.batch import BatchJob, BatchResult
from flows.engine import EngineOptions
from flows.workers import start_workers


def _job(staging: Path) -> BatchJob:
    return BatchJob(staging, 1, staging, EngineOptions("crf"), "", {}, 0, date(2024, 1, 1))


def _pid(job: BatchJob) -> BatchResult:
    del job
    return cast("BatchResult", os.getpid())


def test_a_worker_does_not_import_the_command_that_started_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ModuleType("__main__")
    command.__file__ = str(tmp_path / "command.py")
    Path(command.__file__).write_text(f"open({str(tmp_path / 'imported')!r}, 'w')", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "__main__", command)
    monkeypatch.setattr(flows.workers, "process_batch", _pid)
    with start_workers(2) as workers:
        assert workers.process(_job(tmp_path)) != cast("BatchResult", os.getpid())
    assert sys.modules["__main__"] is command
    assert not (tmp_path / "imported").exists()


class _Kept:
    """Tells when it is taken apart."""

    def __init__(self, told: Path) -> None:
        self._told = told

    def __del__(self) -> None:
        self._told.touch()


_kept: list[_Kept] = []


def _keep(job: BatchJob) -> BatchResult:
    _kept.append(_Kept(job.staging / "taken apart"))
    return _pid(job)


def test_a_worker_leaves_without_being_taken_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows.workers, "process_batch", _keep)
    with start_workers(2) as workers:
        pid = cast("int", workers.process(_job(tmp_path)))
    assert not Path(f"/proc/{pid}").exists()
    assert not (tmp_path / "taken apart").exists()
