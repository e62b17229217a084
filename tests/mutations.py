"""Damaged files at random: ``python tests/mutations.py DIR... [--seed 1] [--minutes 15] [--out mutations]``.

Takes the files of the folders and of ``parse_samples``, changes their bytes, and has a worker process read each with
the limits of a run. It reports what no file may cause: an exception that is not the parser's own refusal, a time beyond
the deadline, memory beyond ``--megabytes``, and a file or a record that comes out neither as an article nor as a
reject. What caused it is kept in ``--out``; its name tells the seed and the number that make it again.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import random
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from itertools import starmap
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from flows.deadline import TookTooLongError, deadline
from parse_samples import FILES
from transforms.normalise import normalise
from transforms.parse import parse_stream
from transforms.parse.format import WHOLE_FILE

_LARGEST_BYTES: Final = 300_000
#: What a sample of this size may take, and what no call into C may take on top.
_DEADLINE_SECONDS: Final = 20.0
_GRACE_SECONDS: Final = 10.0
_TOKENS: Final = [
    *(b"\0", b"\n" * 50, b"\r", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x1a"),
    *(b"<", b">", b"</", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"&#0;"),
    *(b"&#xd800;", b"<item>", b"</item>", b"<entry>", b"<div>" * 300, b"<script>", b"<svg", b"<a href='" + b"x" * 5000),
    *(b"<guid>", b"<content:encoded>", b"xml:base='", b"<pubDate>0201-13-45</pubDate>", b'<meta charset="utf-7">'),
    *(
        b"{",
        b"}",
        b"[" * 2000,
        b"]",
        b'"',
        b"\\",
        b"\\ud800",
        b"1e999",
        b"NaN",
        b'{"a":' * 500,
        b",",
        b";",
        b"\t",
        b'""',
    ),
    *(
        b"WARC/1.0\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999\r\n",
        b"Transfer-Encoding: chunked\r\n",
    ),
    *(b"Content-Encoding: br\r\n", b"Content-Encoding: gzip\r\n", b"\r\n\r\n", b"filedesc://", b"HTTP/1.1 200 OK\r\n"),
    *(
        b"PK\x03\x04",
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"\x1f\x8b\x08",
        b"BZh9",
        b"\xfd7zXZ\x00",
        b"\x28\xb5\x2f\xfd",
        b"PAR1",
    ),
    *(
        b"ustar\x00",
        b"../" * 5,
        b"---\n",
        b"+++\n",
        b"date: ",
        b" date 2024-02-30 ",
        b" date 9999-12-31 x\n\n",
        b"12/13/14",
    ),
    *(b"\x7f\xff\xff\xff", b"\xff" * 8, b"\x00" * 600, b"a" * 20_000, "\u202e\u200d\u0301".encode(), b"%" * 300),
]


class _Sample(NamedTuple):
    path: str
    content: bytes


def _place(chance: random.Random, content: bytearray) -> int:
    return chance.randrange(len(content) + 1)


def _span(chance: random.Random, content: bytearray) -> slice:
    start = _place(chance, content)
    return slice(start, start + int(2 ** chance.uniform(0, 12)))


def _flip(chance: random.Random, content: bytearray, _: bytes) -> None:
    for _each in range(chance.choice((1, 1, 4, 30))):
        if content:
            content[chance.randrange(len(content))] = chance.randrange(256)


def _delete(chance: random.Random, content: bytearray, _: bytes) -> None:
    del content[_span(chance, content)]


def _repeat(chance: random.Random, content: bytearray, _: bytes) -> None:
    span = _span(chance, content)
    content[span.stop : span.stop] = content[span] * chance.choice((1, 2, 50))


def _splice(chance: random.Random, content: bytearray, other: bytes) -> None:
    content[_span(chance, content)] = other[_span(chance, bytearray(other))]


def _insert(chance: random.Random, content: bytearray, _: bytes) -> None:
    at = _place(chance, content)
    content[at:at] = chance.choice(_TOKENS) * chance.choice((1, 1, 1, 20))


def _cut(chance: random.Random, content: bytearray, _: bytes) -> None:
    del content[_place(chance, content) :]


_MUTATIONS: Final[list[Callable[[random.Random, bytearray, bytes], None]]] = [
    _flip, _flip, _delete, _repeat, _splice, _insert, _insert, _cut,
]  # fmt: skip


def mutate(samples: list[_Sample], seed: int, number: int) -> _Sample:
    """The sample of this number: always the same for the same samples and seed."""
    chance = random.Random(f"{seed}:{number}")  # ruff: ignore[suspicious-non-cryptographic-random-usage] - no secret
    sample, other = chance.choice(samples), chance.choice(samples)
    content = bytearray(sample.content)
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        chance.choice(_MUTATIONS)(chance, content, other.content)
    path = other.path if chance.random() < 0.1 else sample.path
    return _Sample(path, bytes(content))


def _read(sample: _Sample) -> str | None:
    """What is wrong with how a file is read, or None."""
    numbers: Counter[int] = Counter()
    noted: set[int] = set()
    problem = None
    try:
        with deadline(_DEADLINE_SECONDS):
            for part in parse_stream("fuzz", sample.path, io.BytesIO(sample.content)):
                numbers.update(part.articles["record_no"])
                noted.update(part.rejects["record_no"])
                odd = part.rejects.filter((pl.col("rule") == "unreadable") & pl.col("reason").str.contains(_DEFECTS))
                problem = problem or (f"swallowed: {odd['reason'][0]}" if len(odd) else None)
                normalise(part.articles)
    except TookTooLongError:
        return "slow: beyond the deadline"
    except Exception:  # ruff: ignore[blind-except] - this is what is looked for
        return "crash: " + traceback.format_exc()
    if not numbers and not noted:
        return "lost: neither an article nor a reject"
    if max(numbers.values(), default=1) > 1:
        return "twice: a record is two articles"
    records = (numbers.keys() | noted) - {WHOLE_FILE}
    if records != set(range(len(records))):
        return "lost: a gap in the numbers of the records"
    return problem


#: Of the exceptions that every library may raise, those that a check of its own should have come before.
_DEFECTS: Final = "AttributeError|TypeError|KeyError|IndexError|NameError|AssertionError|RecursionError|MemoryError"


def _work(pipe: Connection, megabytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 4 << 20, megabytes * 4 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while True:
        sample = pipe.recv()
        problem = _read(sample)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if problem is None and peak - before > megabytes << 10:
            problem = f"memory: {peak >> 10:,} MB"
        before = max(before, peak)
        pipe.send(problem)


class _Worker:
    """A process that reads samples, started anew after it was killed or died."""

    def __init__(self, megabytes: int) -> None:
        self._megabytes = megabytes
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self._megabytes), daemon=True)
        self._process.start()
        theirs.close()

    def read(self, sample: _Sample) -> str | None:
        self._pipe.send(sample)
        problem: str | None
        try:
            # The first sample waits for the start of the process as well.
            if self._pipe.poll(_DEADLINE_SECONDS + _GRACE_SECONDS + 30):
                problem = self._pipe.recv()
                return problem
            problem = "hang: no call returned to Python"
        except (EOFError, OSError):
            problem = f"died: exit code {self._process.exitcode}"
        self._process.kill()
        self._process.join()
        self._start()
        return problem

    def close(self) -> None:
        self._process.kill()


def _samples(folders: list[Path]) -> list[_Sample]:
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    found = [_Sample(path.name, path.read_bytes()) for path in paths if path.stat().st_size <= _LARGEST_BYTES]
    return [*found, *starmap(_Sample, sorted(FILES.items()))]


def main() -> int:
    """Print every problem once, by its kind; 1 if there was one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--first", type=int, default=0, help="the number to begin with")
    parser.add_argument("--files", type=int, default=10**9, help="how many to try at most")
    parser.add_argument("--megabytes", type=int, default=1_000, help="what a file may add to the memory")
    parser.add_argument("--out", type=Path, default=Path("mutations"))
    given = parser.parse_args()
    samples = _samples(given.folders)
    worker, found = _Worker(given.megabytes), Counter[str]()
    ends_at, number = time.monotonic() + 60 * given.minutes, given.first
    slowest = (0.0, 0)
    while time.monotonic() < ends_at and number < given.first + given.files:
        sample = mutate(samples, given.seed, number)
        start = time.monotonic()
        problem = worker.read(sample)
        if problem is not None and problem.startswith("hang"):
            problem = worker.read(sample)  # once more: a machine that stands still is no hang
        slowest = max(slowest, (time.monotonic() - start, number)) if number > given.first else slowest
        if problem is not None:
            kind = problem.strip().splitlines()[-1] if problem.startswith("crash") else problem
            found[kind[:80]] += 1
            if found[kind[:80]] == 1:
                given.out.mkdir(exist_ok=True)
                kept = given.out / f"{given.seed}-{number}-{sample.path}"
                kept.write_bytes(sample.content)
                print(f"seed {given.seed} number {number}: {kept}: {problem}", flush=True)
        number += 1
    worker.close()
    print(
        f"{number - given.first:,} files of {len(samples):,} samples; slowest {slowest[0]:.1f} s (number {slowest[1]})"
    )
    for kind, count in found.most_common():
        print(f"{count:>6,} {kind}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
