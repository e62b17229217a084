"""One batch, from files to a staged shard: what a worker process does. It knows nothing of Prefect."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl

from flows.extract import read_file
from transforms.contracts import FILE_KEY, SCHEMA_VERSION, TABLES
from transforms.enrich import Enrichment, enrichments
from transforms.normalise import NORMALISE_VERSION, normalise
from transforms.parse import PARSE_VERSION, parse
from transforms.parse.format import reject
from warehouse.staging import OUTCOME, STAGED, Shard, find_shard, shard_key, stage


@dataclass(frozen=True, slots=True)
class BatchJob:
    """What a worker needs to process one batch of a plan."""

    plan: Path
    batch_no: int
    staging: Path
    recogniser: str
    max_file_bytes: int


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a worker did. ``seconds`` is measured per step; ``peak_bytes`` is the worker's memory so far."""

    batch_no: int
    shard: Path
    file_count: int
    size_bytes: int
    article_count: int
    mention_count: int
    was_staged: bool
    peak_bytes: int
    seconds: dict[str, float] = field(default_factory=dict)


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


@cache
def _enrichments(recogniser: str) -> tuple[Enrichment, ...]:
    return enrichments(recogniser)


def engine_version(recogniser: str) -> str:
    """Names everything that an article's rows depend on; when it changes, every file is processed again."""
    parts = [f"schema-{SCHEMA_VERSION}", PARSE_VERSION, f"normalise-{NORMALISE_VERSION}"]
    return "+".join([*parts, *(each.version for each in _enrichments(recogniser))])


def peak_memory_bytes() -> int:
    """The most memory that this process ever held."""
    import resource  # ruff: ignore[import-outside-top-level] - only where it exists: not on Windows
    import sys  # ruff: ignore[import-outside-top-level]

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # bytes on macOS, KiB on Linux


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


def _transform(files: pl.DataFrame, recogniser: str, watch: Stopwatch) -> dict[str, pl.DataFrame]:
    """Parse, normalise, enrich and validate files (``source``, ``path``, ``content``)."""
    with watch.step("parse"):
        parsed = parse(files)
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
        for enrichment in _enrichments(recogniser):
            tables |= enrichment.enrich(normalised)
    with watch.step("validate"):
        invalid = _refuse_invalid(tables)
    return tables | {"rejects": pl.concat([parsed.rejects, empty, invalid])}


def _transform_apart(files: pl.DataFrame, recogniser: str, watch: Stopwatch) -> dict[str, pl.DataFrame]:
    """Transform files; if that fails, one by one, and refuse those that it fails for."""
    try:
        return _transform(files, recogniser, watch)
    except Exception as error:  # ruff: ignore[blind-except] - whatever one file causes must not stop the others
        if len(files) > 1:
            parts = [_transform_apart(files[number], recogniser, watch) for number in range(len(files))]
            return {name: pl.concat([part[name] for part in parts]) for name in parts[0]}
        failed = reject(
            files,
            stage="enrich",
            rule="defect",
            reason=pl.lit(f"{type(error).__name__}: {error}; this is a defect of Dateline: report it with the file"),
            excerpt=pl.lit(None, dtype=pl.String),
        )
        empty = {name: TABLES[name].empty() for name in STAGED if name in TABLES}
        return empty | {"rejects": failed}


def _count(rows: pl.DataFrame, articles: pl.DataFrame, name: str) -> pl.DataFrame:
    """Rows per file of a table that has an ``article_id``."""
    owner = articles.select("article_id", *FILE_KEY)
    per_article = rows.select("article_id").join(owner, on="article_id", how="inner")
    return per_article.group_by(FILE_KEY).agg(pl.len().cast(pl.Int32).alias(name))


def _outcomes(read: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """What became of each file: schema ``OUTCOME``; ``reason`` is null when it gave articles."""
    articles = tables["articles"]
    first_reasons = (
        tables["rejects"].sort(*FILE_KEY, "record_no", "rule").unique(FILE_KEY, keep="first", maintain_order=True)
    )
    outcomes = read.select(*FILE_KEY, "sha256")
    for counted in (
        _count(articles, articles, "article_count"),
        _count(tables["mentions"], articles, "mention_count"),
        first_reasons.select(*FILE_KEY, "reason"),
    ):
        outcomes = outcomes.join(counted, on=FILE_KEY, how="left", maintain_order="left", validate="1:1")
    return outcomes.with_columns(
        pl.col("article_count", "mention_count").fill_null(0),
        reason=pl.when(pl.col("article_count").fill_null(0) == 0).then(
            pl.col("reason").fill_null("the file holds no article")
        ),
    ).select(OUTCOME.names())


def process_batch(job: BatchJob) -> BatchResult:
    """Read, parse, normalise, enrich and stage one batch of a plan.

    Raises nothing for a bad file: it comes out in the shard's rejects.
    """
    watch = Stopwatch()
    with watch.step("extract"):
        plan = pl.scan_parquet(job.plan).filter(pl.col("batch_no") == job.batch_no).collect()
        contents = [read_file(raw_path, job.max_file_bytes) for raw_path in plan["raw_path"]]
        read = plan.select(*FILE_KEY).with_columns(
            pl.Series("content", [each.content for each in contents], dtype=pl.Binary),
            pl.Series("sha256", [each.sha256 for each in contents], dtype=pl.String),
            pl.Series("problem", [each.problem for each in contents], dtype=pl.String),
        )
        key = shard_key(read.select(*FILE_KEY, "sha256").iter_rows(), engine_version(job.recogniser))
        staged = find_shard(job.staging, key)
    if staged is None:
        readable = read.filter(pl.col("content").is_not_null())
        tables = _transform_apart(readable.select(*FILE_KEY, "content"), job.recogniser, watch)
        unreadable = reject(
            read.filter(pl.col("content").is_null()),
            stage="extract",
            rule="unreadable",
            reason=pl.col("problem"),
            excerpt=pl.lit(None, dtype=pl.String),
        )
        tables["rejects"] = pl.concat([tables["rejects"], unreadable]).sort(*FILE_KEY, "record_no", "rule")
        tables["outcomes"] = _outcomes(read, tables)
        with watch.step("stage"):
            shard = stage(job.staging, key, tables)
    else:
        shard = staged
    outcomes = pl.read_parquet(shard.file("outcomes"))
    return BatchResult(
        batch_no=job.batch_no,
        shard=shard.path,
        file_count=len(plan),
        size_bytes=sum(len(each.content or b"") for each in contents),
        article_count=int(outcomes["article_count"].sum()),
        mention_count=int(outcomes["mention_count"].sum()),
        was_staged=staged is not None,
        peak_bytes=peak_memory_bytes(),
        seconds=watch.seconds,
    )


def as_shards(results: list[BatchResult]) -> list[Shard]:
    """The shards of a run in the order of their batches."""
    return [Shard(result.shard) for result in sorted(results, key=lambda each: each.batch_no)]
