"""One batch, from files to a staged shard: what a worker process does. It knows nothing of Prefect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import starmap
from pathlib import Path
from typing import Final

import polars as pl

from flows.apart import Guard, transform_large, transform_whole
from flows.engine import Engine, EngineOptions, Stopwatch, engine
from flows.extract import NotRegularError, ReadFile, hash_file, open_file, read_ahead, read_file
from flows.sources import Source
from transforms.contracts import FILE_KEY
from transforms.parse import is_packed, name_format, seed_text
from transforms.parse.dates import AHEAD
from transforms.parse.format import reject
from transforms.parse.reading import HEAD_BYTES, Options
from warehouse.staging import OUTCOME, Shard, ShardWriter, find_shard, shard_key

#: Files up to this size are read whole, and many are parsed together; larger ones are read as streams.
_WHOLE_BYTES: Final = 8_000_000
#: Of packed ones up to this size: they may unpack to many times of it.
_WHOLE_PACKED_BYTES: Final = 250_000

_DEFAULT_OPTIONS: Final = Options()


@dataclass(frozen=True, slots=True)
class BatchJob:
    """What a worker needs to process one batch of a plan. ``today`` is the day, UTC, on which the run began."""

    plan: Path
    batch_no: int
    staging: Path
    engine: EngineOptions
    engine_version: str
    sources: Mapping[str, Source]
    max_file_bytes: int
    today: date

    def options(self, source: str) -> Options:
        """How a source's files are read."""
        return self.sources[source].options if source in self.sources else _DEFAULT_OPTIONS

    def files(self) -> pl.DataFrame:
        """The batch's rows of the plan."""
        return pl.scan_parquet(self.plan).filter(pl.col("batch_no") == self.batch_no).collect()


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


def peak_memory_bytes() -> int:
    """The most memory that this process ever held."""
    import resource  # ruff: ignore[import-outside-top-level] - only where it exists: not on Windows
    import sys  # ruff: ignore[import-outside-top-level]

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # bytes on macOS, KiB on Linux


def _count(rows: pl.DataFrame, articles: pl.DataFrame, name: str) -> pl.DataFrame:
    """Rows per file of a table that has an ``article_id``."""
    owner = articles.select("article_id", *FILE_KEY)
    per_article = rows.select("article_id").join(owner, on="article_id", how="inner")
    return per_article.group_by(FILE_KEY).agg(pl.len().cast(pl.Int32).alias(name))


class _Tally:
    """Counts what became of each file, over all parts of a batch."""

    def __init__(self) -> None:
        self._articles: list[pl.DataFrame] = []
        self._mentions: list[pl.DataFrame] = []
        self._reasons: list[pl.DataFrame] = []

    def add(self, tables: dict[str, pl.DataFrame]) -> None:
        articles = tables["articles"]
        self._articles.append(_count(articles, articles, "article_count"))
        self._mentions.append(_count(tables["mentions"], articles, "mention_count"))
        by_record = tables["rejects"].sort(*FILE_KEY, "record_no", "rule")
        self._reasons.append(by_record.unique(FILE_KEY, keep="first", maintain_order=True).select(*FILE_KEY, "reason"))

    def outcomes(self, read: pl.DataFrame) -> pl.DataFrame:
        """What became of each file: schema ``OUTCOME``; ``reason`` is null when it gave articles."""
        outcomes = read.select(*FILE_KEY, "sha256", "first_read_on", "format", "engine_version")
        for counted in (
            pl.concat(self._articles).group_by(FILE_KEY).agg(pl.col("article_count").sum()),
            pl.concat(self._mentions).group_by(FILE_KEY).agg(pl.col("mention_count").sum()),
            pl.concat(self._reasons).unique(FILE_KEY, keep="first", maintain_order=True),
        ):
            outcomes = outcomes.join(counted, on=FILE_KEY, how="left", maintain_order="left", validate="1:1")
        return outcomes.with_columns(
            pl.col("article_count", "mention_count").fill_null(0),
            reason=pl.when(pl.col("article_count").fill_null(0) == 0).then(
                pl.col("reason").fill_null("the file holds no article")
            ),
        ).select(OUTCOME.names())


def _read(plan: pl.DataFrame, max_file_bytes: int) -> pl.DataFrame:
    """The files of a batch: ``content`` (null of large ones), ``sha256``, and ``problem`` if one cannot be read."""

    def read(path: str, raw_path: bytes, size_bytes: int) -> ReadFile:
        if _WHOLE_BYTES < size_bytes <= max_file_bytes:
            digest = hash_file(raw_path)
            if digest is not None:
                return ReadFile(None, digest, None)
        found = read_file(raw_path, max_file_bytes)
        content = found.content
        if content is not None and len(content) > _WHOLE_PACKED_BYTES and is_packed(path, content[:HEAD_BYTES]):
            return found._replace(content=None)
        return found

    read_ahead(plan.filter(pl.col("size_bytes") <= _WHOLE_BYTES)["raw_path"])
    # A loop over files: the operating system opens one at a time.
    contents = list(starmap(read, plan.select("path", "raw_path", "size_bytes").iter_rows()))
    return plan.select(*FILE_KEY, "raw_path", "known_sha256", "known_read_on").with_columns(
        pl.Series("content", [each.content for each in contents], dtype=pl.Binary),
        pl.Series("sha256", [each.sha256 for each in contents], dtype=pl.String),
        pl.Series("problem", [each.problem for each in contents], dtype=pl.String),
    )


def _with_days(read: pl.DataFrame, today: date) -> pl.DataFrame:
    """Add ``first_read_on``, of bytes that are known the day that the ledger has, and ``latest``.

    What is of the future is decided once for the same bytes, lest they give other rows when they are read again.
    """
    is_known = pl.col("sha256") == pl.col("known_sha256")
    first_read_on = pl.when(is_known).then("known_read_on").fill_null(pl.lit(today))
    return read.with_columns(
        pl.when(pl.col("sha256").is_not_null()).then(first_read_on).alias("first_read_on"),
        (first_read_on + AHEAD).alias("latest"),
    ).drop("known_sha256", "known_read_on")


def _with_versions(read: pl.DataFrame, job: BatchJob, made: Engine) -> pl.DataFrame:
    """Add ``format`` and ``engine_version`` to what was read."""
    formats, versions = [], []
    # A loop over files: their formats are told by the first bytes.
    for name, path, content, raw_path, problem in read.select(*FILE_KEY, "content", "raw_path", "problem").iter_rows():
        source = job.sources.get(name)
        head = content if content is not None or problem is not None else _head(raw_path)
        chosen = None if head is None else name_format(path, head, job.options(name))
        formats.append(chosen)
        versions.append(made.file_versions[chosen] + (source.version_suffix if source else ""))
    return read.with_columns(
        pl.Series("format", formats, dtype=pl.String), pl.Series("engine_version", versions, dtype=pl.String)
    )


def _head(raw_path: bytes) -> bytes | None:
    try:
        with open_file(raw_path) as file:
            return file.read(HEAD_BYTES)
    except (OSError, NotRegularError):
        return None


def is_plain(job: BatchJob) -> bool:
    """Whether a batch has seed texts only: no library reads them that could hang or crash."""
    for name, path, raw_path in job.files().select(*FILE_KEY, "raw_path").iter_rows():
        head = _head(raw_path)
        if head is not None and name_format(path, head, job.options(name)) != seed_text.FORMAT.name:
            return False
    return True


def _stage(job: BatchJob, key: str, read: pl.DataFrame, made: Engine, watch: Stopwatch) -> Shard:
    """Transform what was read, and stage it part by part."""
    writer, tally = ShardWriter(job.staging, key), _Tally()
    guard = Guard(job.staging, job.engine_version)

    def add(tables: dict[str, pl.DataFrame]) -> None:
        tally.add(tables)
        with watch.step("stage"):
            writer.add(tables)

    # Each source has its own options.
    for part in read.partition_by("source", maintain_order=True):
        options = job.options(part["source"][0])
        whole = part.filter(pl.col("content").is_not_null()).select(*FILE_KEY, "content", "sha256", "latest")
        tables = transform_whole(whole, options, made, guard, watch)
        unreadable = reject(
            part.filter(pl.col("problem").is_not_null()),
            stage="extract",
            rule="unreadable",
            reason=pl.col("problem"),
            excerpt=pl.lit(None, dtype=pl.String),
        )
        rejects = pl.concat([tables["rejects"], unreadable]).sort(*FILE_KEY, "record_no", "rule")
        add(tables | {"rejects": rejects})
        large = part.filter(pl.col("content").is_null() & pl.col("problem").is_null())
        for number, raw_path in enumerate(large["raw_path"]):
            file = large[number].select(*FILE_KEY, "sha256", "latest")
            for piece in transform_large(file, raw_path, options, made, guard, watch):
                add(piece)
    with watch.step("stage"):
        writer.add({"outcomes": tally.outcomes(_with_versions(read, job, made))})
        return writer.close()


def process_batch(job: BatchJob) -> BatchResult:
    """Read, parse, normalise, enrich and stage one batch of a plan.

    Raises nothing for a bad file: it comes out in the shard's rejects.
    """
    watch = Stopwatch()
    made = engine(job.engine)
    if made.version != job.engine_version:
        raise RuntimeError(
            f"the engine changed while the run went on: it was planned with {job.engine_version}, but is "
            f"{made.version} now (a new watch-list, another version of Dateline?); run again"
        )
    with watch.step("extract"):
        plan = job.files()
        read = _with_days(_read(plan, job.max_file_bytes), job.today)
        suffixes = [each.version_suffix for _, each in sorted(job.sources.items())]
        key = shard_key(read.select(*FILE_KEY, "sha256").iter_rows(), "\0".join([made.version, *suffixes]))
        staged = find_shard(job.staging, key)
    shard = staged or _stage(job, key, read, made, watch)
    outcomes = shard.read("outcomes")
    return BatchResult(
        batch_no=job.batch_no,
        shard=shard.path,
        file_count=len(plan),
        size_bytes=int(plan["size_bytes"].sum()),
        article_count=int(outcomes["article_count"].sum()),
        mention_count=int(outcomes["mention_count"].sum()),
        was_staged=staged is not None,
        peak_bytes=peak_memory_bytes(),
        seconds=watch.seconds,
    )


def as_shards(results: list[BatchResult]) -> list[Shard]:
    """The shards of a run in the order of their batches."""
    return [Shard(result.shard) for result in sorted(results, key=lambda each: each.batch_no)]
