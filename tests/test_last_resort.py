"""A file that hangs or crashes a process where nothing can stop it: the process ends, the file is left out."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

import polars as pl
import pytest

import flows.apart
import flows.batch
import flows.workers
from flows.batch import BatchJob, BatchResult
from flows.engine import EngineOptions
from flows.last_resort import fatal_count, last_resort, note_at, verdict
from flows.pipeline import run_directly
from flows.settings import Settings
from flows.workers import WorkerKilledError, Workers
from warehouse.folder import DataFolder
from warehouse.scan import read_table

SEED = b" date 2024-01-11 Title\n\nSome text.\n"

_RUN = """
import re
from pathlib import Path
import flows.apart
import flows.batch
from flows.pipeline import run_directly
from flows.settings import Settings

original = flows.apart.parse

def parse(files, options):
    if b"hangs" in b"".join(files["content"]):
        re.match(r"(a+)+$", "a" * 60 + "b")  # a call that takes years and holds the interpreter
    return original(files, options)

flows.apart.parse = parse
flows.apart.FILE_SECONDS, flows.apart._SECONDS_PER_FILE, flows.apart.GRACE_SECONDS = 2.0, 0.0, 0.5
run_directly(Settings.given(data=Path("data"), workers=1, settle_seconds=0), [Path("articles")])
"""


def test_a_call_that_nothing_can_stop_is_left_out_by_the_next_runs(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    for name in ("a", "hangs", "z"):
        text = f" date 2024-01-11 Title\n\nOne that is {name}.\n"
        (tmp_path / f"articles/{name}.txt").write_text(text, encoding="utf-8")
    root = str(Path(flows.batch.__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": root}
    codes = [
        subprocess.run([sys.executable, "-c", _RUN], cwd=tmp_path, env=environment, check=False).returncode
        for _ in range(3)
    ]
    # Together with the others, alone, and then no more.
    assert codes == [1, 1, 0]
    release = DataFolder(tmp_path / "data").published_release()
    files = read_table(release, "files").select("path", "status").rows()
    assert files == [("a.txt", "loaded"), ("hangs.txt", "quarantined"), ("z.txt", "loaded")]
    (reject,) = read_table(release, "rejects").select("path", "rule", "reason").rows()
    assert reject[:2] == ("hangs.txt", "too_slow")
    assert "ended the process" in reject[2]
    assert list((tmp_path / "data/staging").iterdir()) == []


def test_of_a_large_file_what_comes_before_stands(
    tmp_path: Path, settings_for: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "articles").mkdir()
    lines = [f'{{"title": "T{n}", "text": "Text number {n}."}}' for n in range(20)]
    (tmp_path / "articles/many.jsonl").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(flows.batch, "_WHOLE_BYTES", 100)
    monkeypatch.setattr("transforms.parse.collect.CHUNK_RECORDS", 7)
    looked: list[str] = []

    def fatal(note: Path) -> str | None:
        looked.append(note.stem.rpartition("-")[2])
        return "crashed" if looked[-1] == "1" else None

    monkeypatch.setattr(flows.apart, "verdict", fatal)
    settings = settings_for()
    assert run_directly(settings, [tmp_path / "articles"]).articles_total == 7
    release = DataFolder(settings.data).published_release()
    assert read_table(release, "rejects").select("record_no", "rule").rows() == [(-1, "crash")]


def test_a_note_is_gone_when_the_work_is_done(tmp_path: Path) -> None:
    note = note_at(tmp_path, "work")
    with last_resort(note, 60):
        assert note.exists()
        assert verdict(note) is None
        with last_resort(note_at(tmp_path, "nested"), 60):
            assert not note_at(tmp_path, "nested").exists()
    with pytest.raises(ValueError, match="wrong"), last_resort(note, 60):
        raise ValueError("wrong")
    assert fatal_count(tmp_path) == 0


def _crash_once(job: BatchJob) -> BatchResult:
    note = note_at(job.staging, str(job.batch_no))
    if verdict(note) is None:
        with last_resort(note, 60):
            ctypes.string_at(0)
    return cast("BatchResult", verdict(note))


def _hang_once(job: BatchJob) -> BatchResult:
    note = note_at(job.staging, str(job.batch_no))
    if verdict(note) is None:
        with last_resort(note, 0.3):
            re.match(r"(a+)+$", "a" * 60 + "b")
    return cast("BatchResult", verdict(note))


def _pid(job: BatchJob) -> BatchResult:
    del job
    return cast("BatchResult", os.getpid())


def _plan(folder: Path, *contents: bytes) -> Path:
    paths = [folder / f"{number}.txt" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    plan = pl.DataFrame({
        "source": "s",
        "path": [path.name for path in paths],
        "raw_path": [os.fsencode(path) for path in paths],
        "batch_no": 1,
    })
    plan.write_parquet(folder / "plan.parquet")
    return folder / "plan.parquet"


@pytest.mark.parametrize(
    ("second", "stays_here", "is_here"),
    [(SEED, False, True), (b"Plain text.\n", False, False), (b"Plain text.\n", True, True)],
)
def test_a_single_worker_is_another_process_unless_a_batch_is_plain(
    tmp_path: Path, second: bytes, monkeypatch: pytest.MonkeyPatch, *, stays_here: bool, is_here: bool
) -> None:
    monkeypatch.setattr(flows.workers, "process_batch", _pid)
    workers = Workers(1, stays_here=stays_here)
    try:
        pid = workers.process(replace(_job(tmp_path), plan=_plan(tmp_path, SEED, second)))
        assert (cast("int", pid) == os.getpid()) == is_here
    finally:
        workers.close()


def _die(job: BatchJob) -> BatchResult:
    del job
    os._exit(9)


def _job(staging: Path) -> BatchJob:
    return BatchJob(staging, 1, staging, EngineOptions("crf"), "", {}, 0, date(2024, 1, 1))


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(("work", "expected"), [(_crash_once, "crashed"), (_hang_once, "hung")])
def test_a_batch_that_ended_its_worker_is_done_again(
    tmp_path: Path, work: Callable[[BatchJob], BatchResult], expected: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flows.workers, "process_batch", work)
    monkeypatch.setattr(flows.workers, "is_plain", lambda _: False)
    workers = Workers(count)
    try:
        assert workers.process(_job(tmp_path)) == cast("BatchResult", expected)
    finally:
        workers.close()


def test_a_worker_that_dies_of_something_else_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows.workers, "process_batch", _die)
    workers = Workers(2)
    try:
        with pytest.raises(WorkerKilledError, match="want of memory"):
            workers.process(_job(tmp_path))
    finally:
        workers.close()
