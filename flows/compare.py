"""Compare: what the files are now against what the ledger says of them decides what a run does.

Nothing here opens a file, except that one whose time changed alone is hashed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from flows.extract import FOUND, hash_file
from flows.sources import Source
from transforms.contracts import FILE_KEY

#: Files that are hashed between two reports of progress.
_HASHED_TOGETHER: Final = 2_000

#: Files that are worth another worker, which takes about a second to begin.
_WORTH_A_WORKER: Final = 500
#: The files of a batch are a multiple of it.
_ROUND: Final = 100

#: What a comparison needs of the ledger's rows.
KNOWN: Final = (*FILE_KEY, "size_bytes", "modified_at", "sha256", "first_read_on", "status", "engine_version")

#: What a comparison tells of the files that were found.
COMPARED: Final = pl.Schema(
    dict(FOUND)
    | {
        "change": pl.String(),
        "known_sha256": pl.String(),
        "known_read_on": pl.Date(),
        "noted_at": pl.Datetime("us", "UTC"),
    }
)

#: What the data folder notes of files that are as the ledger says but for their modification time.
TOUCHED: Final = pl.Schema({
    "source": pl.String(),
    "path": pl.String(),
    "modified_at": pl.Datetime("us", "UTC"),
    "sha256": pl.String(),
})


@dataclass(frozen=True, slots=True)
class Rules:
    """How a run compares.

    ``now`` and ``settle_seconds`` say which files are too young. Files whose version is none of ``versions`` are
    processed again; behind it stands what ``suffixes`` has for their source. ``is_verifying`` hashes all that would be
    skipped. Files of ``whole_sources`` are never too young.
    """

    versions: Collection[str]
    now: datetime
    settle_seconds: float
    is_verifying: bool = False
    whole_sources: tuple[str, ...] = ()
    suffixes: Mapping[str, str] = field(default_factory=dict)

    def is_current(self) -> pl.Expr:
        """Over ``source`` and ``engine_version``: whether the file was processed as it would be now."""
        known = pl.Series(sorted(self.versions), dtype=pl.String).implode()
        is_known = pl.col("engine_version").is_in(known)
        for source, suffix in self.suffixes.items():
            own = pl.Series([f"{version}{suffix}" for version in sorted(self.versions)], dtype=pl.String).implode()
            is_known = pl.when(pl.col("source") == source).then(pl.col("engine_version").is_in(own)).otherwise(is_known)
        return is_known.fill_null(value=False)


def read_touched(path: Path) -> pl.DataFrame:
    """Schema ``TOUCHED``; no rows when nothing is noted."""
    return pl.read_parquet(path) if path.exists() else pl.DataFrame(schema=TOUCHED)


def compare_with_ledger(found: pl.DataFrame, ledger: pl.DataFrame, touched: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Tell of found files what is to be done: schema ``COMPARED``, where ``noted_at`` is the ledger's time of the file.

    Of the ledger it takes the columns ``KNOWN``.

    ``new``: never seen; ``changed``: to be processed again; ``unchanged``: same size and modification time as when
    this engine processed it; ``touched``: as ``unchanged`` but for the time (when verifying: all of these), so that
    only its hash can tell; ``waiting``: none of these yet, it has only just been written. A file that could not be
    read, or had been retired, is processed again.
    """
    noted = touched.select(*FILE_KEY, "sha256", pl.col("modified_at").alias("touched_at"))
    if touched.is_empty():
        dated = ledger.with_columns(pl.lit(None, dtype=TOUCHED["modified_at"]).alias("touched_at"))
    else:
        dated = ledger.join(noted, on=[*FILE_KEY, "sha256"], how="left", maintain_order="left")
    known = dated.select(
        *FILE_KEY,
        pl.lit(value=True).alias("is_known"),
        pl.col("size_bytes").alias("known_size"),
        pl.coalesce("touched_at", "modified_at").alias("known_modified"),
        pl.col("sha256").alias("known_sha256"),
        pl.col("first_read_on").alias("known_read_on"),
        pl.col("modified_at").alias("noted_at"),
        (pl.col("sha256").is_not_null() & (pl.col("status") != "retired") & rules.is_current()).alias("is_done"),
    )
    could_be_same = pl.col("is_done") & (pl.col("size_bytes") == pl.col("known_size"))
    is_same = could_be_same & (pl.col("modified_at") == pl.col("known_modified"))
    age_seconds = (pl.lit(rules.now) - pl.col("modified_at")).dt.total_microseconds() / 1e6
    # A file of the future is none that is being written: its clock is another one.
    is_whole = pl.col("source").is_in(pl.Series(rules.whole_sources, dtype=pl.String).implode())
    is_young = (age_seconds >= 0) & (age_seconds < rules.settle_seconds) & ~is_whole
    change = (
        pl
        .when(is_same & pl.lit(not rules.is_verifying))
        .then(pl.lit("unchanged"))
        .when(~is_same.fill_null(value=False) & is_young)
        .then(pl.lit("waiting"))
        .when(pl.col("is_known").is_null())
        .then(pl.lit("new"))
        .when(could_be_same)
        .then(pl.lit("touched"))
        .otherwise(pl.lit("changed"))
    )
    # Each source on its own: to join over two columns takes twice the memory, and there may be a million files.
    parts = [
        part
        .join(known.filter(source=name).drop("source"), on="path", how="left", maintain_order="left")
        .with_columns(change.alias("change"))
        .select(COMPARED.names())
        for (name,), part in found.partition_by("source", maintain_order=True, as_dict=True).items()
    ]
    return pl.concat([pl.DataFrame(schema=COMPARED), *parts])


def hash_touched(compared: pl.DataFrame, advance: Callable[[int], None], threads: int) -> pl.DataFrame:
    """Settle which ``touched`` files are as they were (they stay ``touched``) and which ``changed``."""
    touched = compared.filter(pl.col("change") == "touched")
    if touched.is_empty():
        return compared
    digests: list[str | None] = []
    with ThreadPoolExecutor(threads) as pool:
        for part in touched["raw_path"].to_frame().iter_slices(_HASHED_TOGETHER):
            digests += pool.map(hash_file, part["raw_path"])
            advance(len(part))
    hashed = touched.select(*FILE_KEY, pl.Series("digest", digests, dtype=pl.String))
    is_other = (pl.col("change") == "touched") & ~pl.col("digest").eq_missing(pl.col("known_sha256"))
    return compared.join(hashed, on=FILE_KEY, how="left", maintain_order="left").with_columns(
        pl.when(is_other).then(pl.lit("changed")).otherwise("change").alias("change")
    ).drop("digest")  # fmt: skip


def find_vanished(found: pl.DataFrame, ledger: pl.DataFrame, sources: Iterable[Source]) -> pl.DataFrame:
    """Ledger rows of files that are not retired and not in their sources any more, as far as these were listed.

    Files below a folder that could not be listed are not gone: nobody knows.
    """
    live = ledger.filter(pl.col("status") != "retired").join(found, on=FILE_KEY, how="anti", maintain_order="left")
    scopes = []
    for source in sources:
        is_within = pl.lit(value=True)
        if source.within:
            is_within = (pl.col("path") == source.within) | pl.col("path").str.starts_with(f"{source.within}/")
        scopes.append((pl.col("source") == source.name) & is_within)
    hidden = [
        (pl.col("source") == source) & pl.col("path").str.starts_with(f"{path}/")
        for source, path in found.filter("is_folder").select(FILE_KEY).iter_rows()
    ]
    return live.filter(pl.any_horizontal(scopes) & ~pl.any_horizontal(pl.lit(value=False), *hidden))


def hold_back(vanished: pl.DataFrame, ledger: pl.DataFrame, most_share: float) -> tuple[pl.DataFrame, list[str]]:
    """Leave out vanished files of sources that lost too many at once; say which and why."""
    live = ledger.filter(pl.col("status") != "retired").group_by("source").agg(pl.len().alias("live_count"))
    lost = vanished.group_by("source").agg(pl.len().alias("lost_count")).join(live, on="source")
    refused = lost.filter(pl.col("lost_count") > most_share * pl.col("live_count")).sort("source")
    messages = [
        f"{lost_count:,} of the {live_count:,} files of source '{source}' vanished, more than the {most_share:.0%} "
        "that may be retired at once: is a folder not mounted? None was retired; if they are gone, run the same again "
        "with --retire-share 1"
        for source, lost_count, live_count in refused.select("source", "lost_count", "live_count").iter_rows()
    ]
    return vanished.join(refused, on="source", how="anti", maintain_order="left"), messages


def _even_batch_files(file_count: int, batch_files: int, workers: int) -> int:
    """At most ``batch_files`` files, and so many that batches are alike and no worker waits for another at the end.

    In round numbers: a file more must not make other batches than those that an interrupted run has finished.
    """
    count = max(-(-file_count // batch_files), 1)
    if file_count >= workers * _WORTH_A_WORKER:
        count = -(-count // workers) * workers
    even = -(-file_count // count)
    return min(-(-even // _ROUND) * _ROUND, batch_files)


def plan_batches(files: pl.DataFrame, batch_files: int, batch_bytes: int, workers: int = 1) -> pl.DataFrame:
    """Number the batches (column ``batch_no``, from 0) of files in the order given.

    A batch ends at ``batch_files`` files, or fewer to make batches even, or at ``batch_bytes`` bytes, whichever comes
    first: the file that begins within its bytes still belongs to it.
    """
    batch_files = _even_batch_files(len(files), batch_files, workers)
    begins = np.append(0, np.cumsum(files["size_bytes"].to_numpy()))
    ends = [0]
    # A loop over batches: where one ends decides where the next may.
    while ends[-1] < len(files):
        first = ends[-1]
        full = int(np.searchsorted(begins, begins[first] + batch_bytes))
        ends.append(min(max(full, first + 1), first + batch_files, len(files)))
    numbers = np.repeat(np.arange(len(ends) - 1, dtype=np.int32), np.diff(ends))
    return files.with_columns(pl.Series("batch_no", numbers, dtype=pl.Int32))


@dataclass(frozen=True, slots=True)
class Selection:
    """Files to process again whatever the ledger says: those of a source, with such a path, published in such days.

    ``path`` is a pattern with ``*`` and ``?`` over the path within the source; days are inclusive; ``refused`` means
    those alone that are in quarantine or hold records that were refused.
    """

    source: str | None = None
    path: str | None = None
    published_from: str | None = None
    published_to: str | None = None
    refused: bool = False

    def matches(self) -> pl.Expr:
        """Over ``source``, ``path``, ``has_refusals``, and ``first_on`` and ``last_on``: the days of its articles."""
        conditions: Sequence[pl.Expr] = [
            *([pl.col("source") == self.source] if self.source else []),
            *([pl.col("path").str.contains(path_pattern(self.path))] if self.path else []),
            *([pl.col("has_refusals")] if self.refused else []),
            *([pl.col("last_on") >= pl.lit(self.published_from).str.to_date()] if self.published_from else []),
            *([pl.col("first_on") <= pl.lit(self.published_to).str.to_date()] if self.published_to else []),
        ]
        return pl.all_horizontal(pl.lit(value=True), *conditions).fill_null(value=False)


def path_pattern(glob: str) -> str:
    """The regular expression of a pattern in which ``*`` stands for any text and ``?`` for any character."""
    import re  # ruff: ignore[import-outside-top-level] - reprocess alone needs it

    parts = {"*": ".*", "?": "."}
    return "(?s)^" + "".join(parts.get(character) or re.escape(character) for character in glob) + "$"
