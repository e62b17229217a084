"""The engine: all that an article's rows depend on but its file; and what it makes of parsed articles.

A process builds it once, from what the settings choose. The ledger notes its version with every file.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from transforms.contracts import SCHEMA_VERSION, TABLES
from transforms.enrich import Enrichment, enrichments
from transforms.enrich.mentions.watchlist import Watchlist, WatchlistError, read_aliases
from transforms.normalise import NORMALISE_VERSION, normalise
from transforms.parse import FORMATS, parse_version
from transforms.parse.format import Parsed, reject


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What can be chosen: the recogniser of names, and a CSV file of names that are always found, or None."""

    recogniser: str
    watchlist: Path | None = None


class Stopwatch:
    """Adds up the wall-clock seconds spent in named steps."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class Engine:
    """The enrichments in the order in which they are applied, and the version of all.

    ``file_versions`` has the version for files of each format, by the format's name; None for those of none: a file
    does not depend on how others are read.
    """

    enrichments: tuple[Enrichment, ...]
    version: str
    file_versions: Mapping[str | None, str]

    def transform(self, parsed: Parsed, watch: Stopwatch) -> dict[str, pl.DataFrame]:
        """Normalise, enrich and validate: parsed articles to frames of the contracts, ``rejects`` among them."""
        with watch.step("normalise"):
            normalised, textless = normalise(parsed.articles)
            empty = reject(
                textless,
                stage="normalise",
                rule="body_missing",
                reason=pl.lit("nothing but white space and control characters in the body; write the article again"),
                excerpt=pl.lit(None, dtype=pl.String),
            )
        tables = normalised._asdict()
        with watch.step("enrich"):
            for enrichment in self.enrichments:
                tables |= enrichment.enrich(normalised)
        with watch.step("validate"):
            invalid = _refuse_invalid(tables)
        return tables | {"rejects": pl.concat([parsed.rejects, empty, invalid])}


@cache
def engine(options: EngineOptions) -> Engine:
    """The engine of these options, built once in a process.

    Raises ``UnknownRecogniserError``, and ``WatchlistError`` for a watch-list that cannot be used.
    """
    watchlist = None if options.watchlist is None else Watchlist(_aliases(options.watchlist))
    chosen = enrichments(options.recogniser, watchlist)
    behind = [f"normalise-{NORMALISE_VERSION}", *(each.version for each in chosen)]

    def version(format_name: str | None) -> str:
        return "+".join([f"schema-{SCHEMA_VERSION}", parse_version(format_name), *behind])

    names = [None, *(each.name for each in FORMATS)]
    return Engine(chosen, version(None), {name: version(name) for name in names})


def _aliases(path: Path) -> pl.DataFrame:
    try:
        return read_aliases(pl.read_csv(path, infer_schema=False))
    except (OSError, pl.exceptions.PolarsError, WatchlistError) as error:
        raise WatchlistError(f"{path}: {error}") from error


def _refuse_invalid(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Hold every table to its contract; an article with a bad row anywhere leaves all ``tables``.

    Returns the rejects, one row per refused article and broken rule.
    """
    failures = []
    for name, rows in tables.items():
        _, failure = TABLES[name].schema.filter(rows)
        if len(failure):
            rules = [column for column in failure.details().columns if column not in rows.columns]
            broken = failure.details().select("article_id", *(pl.col(rule).cast(pl.String) for rule in rules))
            failures.append(
                broken
                .unpivot(index="article_id", variable_name="rule", value_name="outcome")
                .filter(pl.col("outcome") == "invalid")
                .select("article_id", pl.format("{}: {}", pl.lit(name), "rule").alias("rule"))
            )
    if not failures:
        return TABLES["rejects"].empty()
    broken = pl.concat(failures).unique().sort("article_id", "rule")
    refused = broken.join(tables["articles"], on="article_id", how="inner", maintain_order="left")
    for name, rows in tables.items():
        tables[name] = rows.join(broken, on="article_id", how="anti", maintain_order="left")
    return reject(
        refused,
        stage="write",
        rule=pl.col("rule"),
        reason=pl.format("a row breaks the contract's rule '{}'; this is a defect of Dateline: report it", "rule"),
        excerpt=pl.col("body"),
    )
