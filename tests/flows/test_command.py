"""`dateline run` as a user or a scheduler starts it: output, exit codes, files and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dateline_command import Command, CommandHere
from samples import BAD, GOOD, write_files
from warehouse.lock import writer_lock


def test_a_run_ends_with_a_summary_and_a_code_that_tells_of_refusals(
    dateline: Command, dateline_here: CommandHere, tmp_path: Path
) -> None:
    write_files(tmp_path / "news", GOOD)
    write_files(tmp_path / "news", BAD)
    first = dateline("run", "news", folder=tmp_path)
    assert (first.returncode, first.stderr) == (3, "")
    lines = first.stdout.splitlines()
    assert lines[0].endswith("published release 1")
    assert "  files       11 found: 11 new, 0 changed, 0 unchanged; 7 refused" in lines
    assert any(line.startswith("  refused     news/feb30.txt: the date 2024-02-30 does not exist") for line in lines)
    assert "\x1b" not in first.stdout
    second = dateline_here("run", "news", folder=tmp_path)
    assert (second.returncode, second.stderr) == (0, "")
    assert second.stdout.splitlines()[0].endswith("nothing to do: release 1 is up to date")


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (["run", "nowhere"], {}, "dateline: nowhere: no such file or folder"),
        (["run", "--source", "", "."], {}, "--source needs a name"),
        (["run", "--workers", "0"], {}, "set it by --workers or DATELINE_WORKERS"),
        (["run"], {"DATELINE_BATCH_FILES": "many"}, "set it by --batch-files or DATELINE_BATCH_FILES"),
        (["serve", "--cron", "every day", "."], {}, "is not a cron expression"),
    ],
)
def test_what_is_wrong_in_a_command_is_told_with_exit_code_2(
    dateline_here: CommandHere, tmp_path: Path, arguments: list[str], environment: dict[str, str], words: str
) -> None:
    result = dateline_here(*arguments, folder=tmp_path, **environment)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr


def test_a_second_run_at_the_same_time_ends_at_once_with_exit_code_4(
    dateline_here: CommandHere, tmp_path: Path
) -> None:
    write_files(tmp_path / "news", GOOD)
    (tmp_path / "data").mkdir()
    with writer_lock(tmp_path / "data/loader.lock", "the-first-run"):
        result = dateline_here("run", "news", folder=tmp_path)
    assert (result.returncode, result.stdout) == (4, "")
    assert result.stderr.startswith(f"dateline: run the-first-run (pid {os.getpid()} on ")


def test_no_setting_of_the_users_reaches_a_command(
    dateline_here: CommandHere, tmp_path: Path, warehouse_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_DATA", str(warehouse_data))
    result = dateline_here("query", "SELECT 1", folder=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
