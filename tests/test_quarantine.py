"""`dateline quarantine`: what was refused and why, in a terminal or for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from flows import cli
from flows.cli import load
from flows.cli import options as codes
from flows.pipeline import run_directly
from flows.settings import Settings
from samples import GOOD, write_files


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of two sources with refused files, a refused record, and a remark on a record that was kept."""
    folder = tmp_path_factory.mktemp("quarantine")
    write_files(folder / "one", GOOD)
    write_files(
        folder / "one",
        {
            "empty.txt": b"",
            "deep/re\x1b[31md.txt": b"\x89PNG\r\n\x1a\n\x00\x00",
            "mixed.jsonl": b'{"title": "T", "text": "Body.", "date": "the day after"}\n{"x": 1}\n',
        },
    )
    write_files(folder / "two", {"empty.txt": b""})
    settings = Settings.given(data=folder / "data", workers=1, settle_seconds=0)
    run_directly(settings, [folder / "one", folder / "two"])
    return settings.data


@pytest.fixture
def listed(data: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[dict[str, str]]]:
    """The rows that the command lists, from its CSV."""

    def rows(*arguments: str) -> list[dict[str, str]]:
        code = cli.app(["quarantine", *arguments, "-f", "csv", "--data", str(data)], result_action="return_value")
        assert code == codes.OK
        return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))

    return rows


def test_refused_files_and_records_are_listed_with_their_reasons(listed: Callable[..., list[dict[str, str]]]) -> None:
    rows = listed()
    assert [(row["source"], row["path"], row["record_no"], row["rule"]) for row in rows] == [
        ("one", "deep/re\x1b[31md.txt", "", "not_text"),
        ("one", "empty.txt", "", "empty_file"),
        ("one", "mixed.jsonl", "1", "body_missing"),
        ("two", "empty.txt", "", "empty_file"),
    ]
    assert all(row["reason"] for row in rows)


def test_remarks_on_what_was_kept_are_listed_when_asked_for(listed: Callable[..., list[dict[str, str]]]) -> None:
    remarks = [row for row in listed("--remarks") if row not in listed()]
    assert [(row["path"], row["record_no"]) for row in remarks] == [("mixed.jsonl", "0")]


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        (["--source", "two"], ["empty.txt"]),
        (["--path", "*.jsonl"], ["mixed.jsonl"]),
        (["--path", "deep/*"], ["deep/re\x1b[31md.txt"]),
        (["--path", "empty.tx?", "--source", "one"], ["empty.txt"]),
        (["--path", "empty"], []),
        (["--source", "nobody"], []),
    ],
)
def test_sources_and_paths_choose(
    listed: Callable[..., list[dict[str, str]]], arguments: list[str], paths: list[str]
) -> None:
    assert [row["path"] for row in listed(*arguments)] == paths


def test_a_terminal_gets_no_orders_and_programs_get_json(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.app(["quarantine", "--data", str(data)], result_action="return_value") == codes.OK
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "deep/re [31md.txt" in out
    cli.app(["quarantine", "-f", "json", "--data", str(data)], result_action="return_value")
    assert json.loads(capsys.readouterr().out)[0]["record_no"] is None


def test_retry_processes_what_is_listed_again(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def record(given: dict[str, object], folder: Path) -> int:
        asked.append((given, folder))
        return codes.OK

    # Without Prefect: what the selection then does is tried in test_gather.
    monkeypatch.setattr(load, "run_flow", record)
    arguments = ["quarantine", "--retry", "--source", "one", "--path", "m*", "--data", str(data)]
    assert cli.app(arguments, result_action="return_value") == codes.OK
    assert asked == [({"reprocess": {"source": "one", "path": "m*", "refused": True}}, data)]


def test_without_a_release_there_is_nothing_to_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.app(["quarantine", "--data", str(tmp_path)], result_action="return_value") == codes.FAILED
    assert "no release" in capsys.readouterr().err
