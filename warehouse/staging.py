"""Staged batches: what the workers finished, on disk, named by the content that made it.

A batch that a killed run had finished is found again by its name and not made twice.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from transforms.contracts import CONTENT_TABLES
from warehouse.folder import fsync_path, remove_tree

#: What became of each file of a batch: one row per file.
OUTCOME: Final = pl.Schema({
    "source": pl.String(),
    "path": pl.String(),
    "sha256": pl.String(),
    "first_read_on": pl.Date(),
    "reason": pl.String(),
    "format": pl.String(),
    "engine_version": pl.String(),
    "article_count": pl.Int32(),
    "mention_count": pl.Int32(),
})

#: The frames of a batch: the content tables but entities, the rejects and the outcomes.
STAGED: Final = (*(name for name in CONTENT_TABLES if name != "entities"), "rejects", "outcomes")


@dataclass(frozen=True, slots=True)
class Shard:
    """A staged batch in its own directory: Parquet files of each name in ``STAGED``, one for each part of the batch."""

    path: Path

    def files(self, name: str) -> list[Path]:
        """The files of a frame, in the order in which they were staged."""
        return sorted(self.path.glob(f"{name}-*.parquet"))

    def read(self, name: str) -> pl.DataFrame:
        return pl.concat([pl.read_parquet(path) for path in self.files(name)])


def shard_key(files: Iterable[tuple[str, str, str | None]], engine_version: str) -> str:
    """The name of the shard that an engine makes of files: (source, path, SHA-256) each, in batch order."""
    digest = hashlib.sha256(engine_version.encode())
    for source, path, sha256 in files:
        digest.update(f"\0{source}\0{path}\0{sha256}".encode())
    return digest.hexdigest()[:32]


def find_shard(staging: Path, key: str) -> Shard | None:
    """The shard of this name, if it was staged and can be read; a damaged one is removed."""
    shard = Shard(staging / key)
    if not shard.path.is_dir():
        return None
    try:
        for name in STAGED:
            # Outcomes come last: with them all parts are there.
            if not shard.files(name):
                raise FileNotFoundError(name)
            for path in shard.files(name):
                pl.read_parquet_schema(path)
    except (OSError, pl.exceptions.PolarsError):
        remove_tree(shard.path)
        return None
    return shard


class ShardWriter:
    """Writes a batch part by part; its directory appears whole, at ``close``, or not at all."""

    def __init__(self, staging: Path, key: str) -> None:
        self._final = staging / key
        self._path = staging / f".{key}.{os.getpid()}.tmp"
        self._part_no = 0
        remove_tree(self._path)
        self._path.mkdir(parents=True)

    def add(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Write the frames of a part of the batch, of some or all of the names in ``STAGED``."""
        for name, frame in frames.items():
            # Sorted by month, so that the merge reads only the row groups of the months that it is at.
            rows = frame.sort("published_month", maintain_order=True) if "published_month" in frame else frame
            path = self._path / f"{name}-{self._part_no:05d}.parquet"
            rows.write_parquet(path, compression="lz4", statistics=True)
            fsync_path(path)
        self._part_no += 1

    def close(self) -> Shard:
        """Give the directory its name."""
        fsync_path(self._path)
        remove_tree(self._final)
        self._path.rename(self._final)
        return Shard(self._final)
