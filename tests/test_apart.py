"""What one file does to its reading is kept from the others, without reading all of them again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import flows.apart
from flows.apart import Guard, transform_whole
from flows.engine import Engine, EngineOptions, Stopwatch, engine
from transforms.parse.format import Parsed
from transforms.parse.reading import Options

SEEDS = {f"{number:03d}.txt": f" date 2024-01-11 Title {number}\n\nIt is number {number}.\n" for number in range(40)}
DOCUMENTS = {f"{number:03d}.md": f"# Title {number}\n\nIt is number {number}.\n" for number in range(100)}


def _files(texts: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame({
        "source": "s",
        "path": list(texts),
        "content": [text.encode() for text in texts.values()],
        "sha256": list(texts),
        "latest": date(2024, 12, 31),
    })


def _transform(folder: Path, texts: dict[str, str], made: Engine) -> dict[str, pl.DataFrame]:
    return transform_whole(_files(texts), Options(), made, Guard(folder, "1"), Stopwatch())


@pytest.fixture
def parsed_together(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names of the files that are parsed together; one that begins with "slow" hangs."""
    original, groups = flows.apart.parse, []

    def parse(files: pl.DataFrame, options: Options) -> Parsed:
        groups.append(files["path"].to_list())
        while any(path.startswith("slow") for path in files["path"]):
            time.sleep(0.01)
        return original(files, options)

    monkeypatch.setattr(flows.apart, "parse", parse)
    monkeypatch.setattr(flows.apart, "FILE_SECONDS", 0.3)
    monkeypatch.setattr(flows.apart, "_SECONDS_PER_FILE", 0.0)
    return groups


def test_few_files_wait_for_a_slow_one(tmp_path: Path, parsed_together: list[list[str]]) -> None:
    made = engine(EngineOptions("rules"))
    tables = _transform(tmp_path, SEEDS | {"slow.md": "# Title\n\nText.\n"} | DOCUMENTS, made)
    assert tables["rejects"].select("path", "rule").rows() == [("slow.md", "too_slow")]
    assert len(tables["articles"]) == len(SEEDS) + len(DOCUMENTS)
    assert parsed_together[0] == list(SEEDS)
    together = [len(group) for group in parsed_together if len(group) > 1]
    assert together == [40, 64, 37]
    assert len(parsed_together) == len(together) + 64


def _failing(made: Engine, fails: Callable[[pl.DataFrame], bool]) -> tuple[Engine, list[int]]:
    """The engine with one more enrichment, which fails; and how many articles it was given each time."""
    counts: list[int] = []

    class Failing:
        version = "1"

        def enrich(self, normalised: tuple[pl.DataFrame, ...]) -> dict[str, pl.DataFrame]:
            counts.append(len(normalised[0]))
            if fails(normalised[0]):
                raise ValueError("it is number 17")
            return {}

    return replace(made, enrichments=(*made.enrichments, Failing())), counts


def test_files_that_fail_together_are_halved(tmp_path: Path) -> None:
    made, counts = _failing(engine(EngineOptions("rules")), lambda articles: "017.txt" in articles["path"])
    tables = _transform(tmp_path, SEEDS | {"bad.txt": " date nothing\n\nText.\n"}, made)
    assert sorted(tables["rejects"].select("path", "rule").rows()) == [
        ("017.txt", "defect"),
        ("bad.txt", "date_missing"),
    ]
    assert sorted(tables["articles"]["path"]) == [path for path in SEEDS if path != "017.txt"]
    assert len(counts) < len(SEEDS) / 2


def test_what_refuses_every_file_is_told_of_each(tmp_path: Path) -> None:
    made, _ = _failing(engine(EngineOptions("rules")), lambda articles: not articles.is_empty())
    tables = _transform(tmp_path, dict(list(SEEDS.items())[:3]), made)
    assert tables["rejects"]["rule"].to_list() == ["defect"] * 3
    assert tables["articles"].is_empty()
