"""How much one file may cost: the limits, and the account that is kept of what is unpacked from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused as a bomb or as too large to hold. Sizes are in bytes.

    ``ratio`` and ``total_bytes`` bound all that is unpacked from one file, however it is nested. Text packs
    at most 30:1 with the strongest of the formats read here; a bomb packs at 1,000:1 and more. The first
    ``free_bytes`` are not held to the ratio: a short file of one repeated line is no attack.

    ``refusals``, and one for every ``bytes_per_refusal`` of the file, is how many more records may be refused than
    kept: behind a quote that is not closed, every line of a table is a record, and refused. What a crawl has beside
    pages, pictures above all, is larger.
    """

    ratio: int = 200
    free_bytes: int = 16 * MIB
    total_bytes: int = 64 * 1024 * MIB
    depth: int = 5
    members: int = 1_000_000
    record_bytes: int = 16 * MIB
    document_bytes: int = 64 * MIB
    refusals: int = 100_000
    bytes_per_refusal: int = 1_000

    def most_refusals(self, packed_bytes: int) -> int:
        return self.refusals + packed_bytes // self.bytes_per_refusal


class RefusedError(Exception):
    """What is being read is refused. Raised by a reader, turned into one refusal by its caller."""

    def __init__(self, rule: str, reason: str, excerpt: str | None = None) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason
        self.excerpt = excerpt


class BombError(RefusedError):
    """The whole file is used up: nothing more of it is read, at any depth."""


class Budget:
    """Counts what was unpacked from a file of ``packed_bytes`` and raises ``BombError`` when it is too much.

    It stays exhausted, so that a library that swallows the error meets it again at the next read.
    """

    def __init__(self, limits: Limits, packed_bytes: int) -> None:
        self.limits = limits
        self.problem: BombError | None = None
        self._packed_bytes = packed_bytes
        self._allowed_bytes = min(limits.total_bytes, limits.free_bytes + limits.ratio * packed_bytes)
        self._unpacked_bytes = 0
        self._members = 0

    def _exhaust(self, reason: str) -> None:
        self.problem = BombError("bomb", f"{reason}; nothing after this is read: unpack the file if it is sound")

    def unpacked(self, count_bytes: int) -> None:
        self._unpacked_bytes += count_bytes
        if self.problem is None and self._unpacked_bytes > self._allowed_bytes:
            self._exhaust(
                f"unpacks to more than {self._allowed_bytes:,} bytes, the limit for {self._packed_bytes:,} packed ones"
            )
        self.check()

    def member(self) -> None:
        self._members += 1
        if self.problem is None and self._members > self.limits.members:
            self._exhaust(f"holds more than {self.limits.members:,} members")
        self.check()

    def check(self) -> None:
        if self.problem is not None:
            raise self.problem
