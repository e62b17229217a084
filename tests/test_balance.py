"""Nothing is lost on the way: files and records of every format add up after a whole run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from balance_report import imbalances
from flows.extract import find_files
from flows.pipeline import run_directly
from flows.settings import Settings
from flows.sources import Source
from parse_samples import FILES
from samples import BAD, write_files
from transforms.contracts import FILE_KEY
from warehouse.folder import DataFolder


def test_every_file_and_record_is_accounted_for(tmp_path: Path, settings_for: Callable[..., Settings]) -> None:
    folder = tmp_path / "every"
    write_files(folder, BAD)
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    settings = settings_for()
    run_directly(settings, [folder])
    release = DataFolder(settings.data).published_release()
    listed = find_files([Source("every", folder)]).select(FILE_KEY)
    assert len(listed) == len(FILES) + len(BAD)
    assert imbalances(release, listed) == []
    lost = pl.concat([listed, pl.DataFrame({"source": ["every"], "path": ["lost.txt"]})])
    assert imbalances(release, lost) == [
        "files that were listed and are not in the ledger: 1, first ('every', 'lost.txt')"
    ]
    (problem,) = imbalances(release, listed.filter(pl.col("path") != "page.html"))
    assert problem.startswith("files in the ledger that were not listed: 1")
