"""An end to what hangs."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import polars as pl
import pytest

import flows.apart
import flows.batch
from flows.deadline import TookTooLongError, deadline
from flows.pipeline import run_directly
from flows.settings import Settings
from transforms.parse.format import Parsed
from transforms.parse.reading import Options
from warehouse.folder import DataFolder
from warehouse.scan import read_table


def _hang() -> None:
    while True:
        try:
            time.sleep(0.01)
        except Exception:  # ruff: ignore[blind-except, try-except-continue] - as a library would
            continue


def test_a_block_that_hangs_is_ended_even_if_it_catches_every_exception() -> None:
    with pytest.raises(TookTooLongError), deadline(0.05):
        _hang()


def test_a_block_that_catches_the_end_itself_is_too_late_all_the_same() -> None:
    def swallow() -> None:
        try:
            _hang()
        except BaseException:  # ruff: ignore[blind-except] - as a bare except of a library, or a destructor, would
            time.sleep(0.01)

    with pytest.raises(TookTooLongError), deadline(0.05):
        swallow()


def test_it_works_in_another_thread_and_leaves_the_next_block_alone() -> None:
    seen: list[str] = []

    def work() -> None:
        for seconds, hangs in ((0.05, True), (60.0, False)):
            try:
                with deadline(seconds):
                    if hangs:
                        _hang()
                seen.append("done")
            except TookTooLongError:
                seen.append("ended")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert seen == ["ended", "done"]


_WAITING = """
import sys
from flows.deadline import deadline

with deadline(2):
    print("ready", flush=True)
    sys.stdin.readline()
"""


def test_time_in_which_the_machine_stands_still_does_not_count() -> None:
    root = Path(flows.batch.__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", _WAITING], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as waiting:
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == b"ready\n"
        waiting.send_signal(signal.SIGSTOP)
        time.sleep(2.5)
        waiting.send_signal(signal.SIGCONT)
        waiting.communicate(b"\n")
    assert waiting.returncode == 0


def test_a_file_that_hangs_is_quarantined_and_stops_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    for name in ("good", "hangs"):
        (articles / f"{name}.txt").write_text(f" date 2024-01-11 Title\n\nOne that is {name}.\n", encoding="utf-8")
    original = flows.apart.parse

    def parse(files: pl.DataFrame, options: Options) -> Parsed:
        if b"hangs" in b"".join(files["content"]):
            _hang()
        return original(files, options)

    monkeypatch.setattr(flows.apart, "parse", parse)
    monkeypatch.setattr(flows.apart, "FILE_SECONDS", 0.2)
    monkeypatch.setattr(flows.apart, "_SECONDS_PER_FILE", 0.1)
    summary = run_directly(Settings.given(data=tmp_path / "data", workers=1, settle_seconds=0), [articles])
    assert summary.ledger == {"loaded": 1, "quarantined": 1, "retired": 0}
    rejects = read_table(DataFolder(tmp_path / "data").current_release(), "rejects")
    assert rejects.select("path", "rule").rows() == [("hangs.txt", "too_slow")]


def test_a_large_file_is_read_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    lines = [f'{{"title": "T{n}", "date": "2024-01-{n % 28 + 1:02d}", "text": "Text number {n}."}}' for n in range(50)]
    (articles / "many.jsonl").write_text("\n".join([*lines[:30], "{broken", *lines[30:]]), encoding="utf-8")
    contents = []
    for whole_bytes in (8_000_000, 100):
        monkeypatch.setattr(flows.batch, "_WHOLE_BYTES", whole_bytes)
        monkeypatch.setattr("transforms.parse.collect.CHUNK_RECORDS", 7 if whole_bytes == 100 else 2_000)
        data = tmp_path / f"data-{whole_bytes}"
        summary = run_directly(Settings.given(data=data, workers=1, settle_seconds=0), [articles])
        assert (summary.articles_total, summary.ledger["loaded"]) == (50, 1)
        release = DataFolder(data).published_release()
        assert read_table(release, "rejects")["record_no"].to_list() == [30]
        assert read_table(release, "files")["article_count"].to_list() == [50]
        contents.append({path.name for path in release.files("articles")})
    assert contents[0] == contents[1]
