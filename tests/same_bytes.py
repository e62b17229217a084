"""The same files give the same bytes: one run against many, on a folder of articles.

python tests/same_bytes.py CORPUS [--files 20000] [--increments 50] [--seed 0]

Builds a warehouse of the files at once, in batches of 7 files by one worker, by four workers, and in increments in
random order, some of which first bring another text; compares every content file, and audits the last.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from flows.pipeline import run_directly
from flows.settings import Settings
from transforms.contracts import CONTENT_TABLES
from warehouse.audit import audit
from warehouse.folder import DataFolder


def content(data: Path) -> dict[str, str]:
    """The SHA-256 of every content file by its path, as the manifest has them."""
    tables = DataFolder(data).published_release().manifest["tables"]
    return {entry["path"]: entry["sha256"] for table in CONTENT_TABLES for entry in tables[table]["files"]}


def _run(data: Path, articles: Path, **settings: int) -> None:
    run_directly(Settings.given(data=data, settle_seconds=0, keep_hours=0, keep_releases=1, **settings), [articles])


def _grow(folder: Path, files: list[Path], increments: int, chance: random.Random) -> None:
    """Bring the files in random order and batches; a tenth comes with another text first."""
    (folder / "articles").mkdir(parents=True)
    chance.shuffle(files)
    size = -(-len(files) // increments)
    for at in range(0, len(files), size):
        for path in files[at : at + size]:
            os.link(path, folder / "articles" / path.name)
        early = files[at + size : at + size + size // 10]
        for path in early:
            (folder / "articles" / path.name).write_text(" date 2001-01-01 Draft\n\nNot yet.\n", encoding="utf-8")
        _run(folder / "data", folder / "articles", workers=2, batch_files=chance.choice([7, 100, 500]))
        for path in early:
            (folder / "articles" / path.name).unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description="The same files give the same bytes.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--increments", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)  # ruff: ignore[suspicious-non-cryptographic-random-usage] - an order, no secret
    files = sorted(path for path in arguments.corpus.rglob("*.txt") if path.is_file())
    files = chance.sample(files, min(arguments.files, len(files)))
    with tempfile.TemporaryDirectory(prefix="dateline-bytes-", dir=arguments.corpus.parent) as name:
        folder = Path(name)
        (folder / "whole/articles").mkdir(parents=True)
        for path in files:
            os.link(path, folder / "whole/articles" / path.name)
        variants = {
            "at once": {"workers": 2},
            "7 a batch": {"batch_files": 7, "workers": 1},
            "4 workers": {"workers": 4},
        }
        contents = {}
        for variant, settings in variants.items():
            start = time.perf_counter()
            _run(folder / variant.replace(" ", "-"), folder / "whole/articles", **settings)
            contents[variant] = content(folder / variant.replace(" ", "-"))
            print(f"{variant}: {time.perf_counter() - start:.0f} s", flush=True)
        start = time.perf_counter()
        _grow(folder / "grown", files, arguments.increments, chance)
        contents["increments"] = content(folder / "grown/data")
        print(f"{arguments.increments} increments: {time.perf_counter() - start:.0f} s", flush=True)
        violations = audit(DataFolder(folder / "grown/data"))
        different = [variant for variant, files_of in contents.items() if files_of != contents["at once"]]
    count = len(contents["at once"])
    print(f"{len(files):,} files, {count:,} content files: {len(different)} variants differ {different}")
    print(f"audit of the increments: {len(violations)} violations {violations[:3]}")
    sys.exit(1 if different or violations else 0)


if __name__ == "__main__":
    main()
