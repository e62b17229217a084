"""The records of one file become frames, a bounded number at a time.

Every record, kept or refused, takes the next number: the same bytes give every article the same identity,
whatever becomes of its neighbours. A reject with the number of an article stands beside it.
"""

from __future__ import annotations

import re
import time
from datetime import date, datetime
from typing import Final, NamedTuple

import polars as pl

from transforms.parse.dates import read_date
from transforms.parse.format import RAW_ARTICLE, WHOLE_FILE, Parsed, printable, reject
from transforms.parse.limits import BombError
from transforms.parse.reading import Options
from transforms.parse.records import Article, Item, Refusal, SeedText
from transforms.parse.seed_text import parse_seed_texts

# A chunk is handed on when it holds this much, so that memory follows the chunk and not the file.
CHUNK_RECORDS: Final = 2_000
CHUNK_CHARS: Final = 8_000_000
# Or when it took this long: pages are slow, and who waits for a chunk waits for no more than a minute.
CHUNK_SECONDS: Final = 10.0

_URL: Final = re.compile(r"https?://[^\s\x00-\x1f\x7f]{1,2000}")
_LANGUAGE: Final = re.compile(r"([A-Za-z]{2})(?:[-_][A-Za-z0-9_-]{1,20})?")
_REJECT: Final = pl.Schema({
    "source": pl.String(),
    "path": pl.String(),
    "record_no": pl.Int32(),
    "rule": pl.String(),
    "reason": pl.String(),
    "excerpt": pl.String(),
})
_SEED: Final = pl.Schema({
    "source": pl.String(),
    "path": pl.String(),
    "record_no": pl.Int32(),
    "inner_path": pl.String(),
    "latest": pl.Date(),
    "text": pl.String(),
})


class _Row(NamedTuple):
    """A row of ``RAW_ARTICLE``."""

    source: str
    path: str
    record_no: int
    inner_path: str | None
    url: str | None
    language: str | None
    published_on: date | None
    published_at: datetime | None
    title: str | None
    byline: str | None
    body: str


def _is_unicode(*texts: str | None) -> bool:
    """Whether every text can be written: JSON can hold half a surrogate pair."""
    try:
        for text in texts:
            if text:
                text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _writable(text: str | None) -> str | None:
    return text.encode("utf-8", "backslashreplace").decode() if text else text


def _matched(pattern: re.Pattern[str], text: str | None) -> re.Match[str] | None:
    return pattern.fullmatch(text.strip()) if text else None


class Collector:
    """Takes the records of a file one by one and gives them back as frames."""

    def __init__(self, source: str, path: str, options: Options, latest: date, most_refusals: int) -> None:
        self._source = source
        self._path = path
        self._options = options
        self._latest = latest
        self._next_no = 0
        self._most_refusals = most_refusals
        self._kept_count = 0
        self._since = time.monotonic()
        self._chars = 0
        self._articles: list[_Row] = []
        self._seeds: list[tuple[str, str, int, str | None, date, str]] = []
        self._rejects: list[tuple[str, str, int, str, str, str | None]] = []

    @property
    def is_full(self) -> bool:
        held = len(self._articles) + len(self._seeds) + len(self._rejects)
        if held >= CHUNK_RECORDS or self._chars >= CHUNK_CHARS:
            return True
        return held > 0 and time.monotonic() - self._since > CHUNK_SECONDS

    def add(self, item: Item) -> None:
        """Take a record. Raises ``BombError`` once by far more were refused than kept."""
        if isinstance(item, Refusal) and item.is_whole_file:
            self._reject(WHOLE_FILE, None, item.rule, item.reason, item.excerpt)
            return
        number = self._next_no
        self._next_no += 1
        inner_path = _writable(item.inner_path) or None
        if isinstance(item, Article):
            self._add_article(item, number, inner_path)
        elif isinstance(item, SeedText):
            self._kept_count += 1
            self._chars += len(item.text)
            self._seeds.append((self._source, self._path, number, inner_path, self._latest, item.text))
            for note in item.notes:
                self._reject(number, inner_path, note.rule, note.reason, note.excerpt)
        elif isinstance(item, Refusal):
            self._reject(number, inner_path, item.rule, item.reason, item.excerpt)
        refused = self._next_no - self._kept_count
        if refused - self._kept_count > self._most_refusals:
            raise BombError(
                "too_many_refused",
                f"{refused:,} of its first {self._next_no:,} records were refused, and nothing after these is read: "
                "correct what is wrong with the first of them",
            )

    def _reject(self, number: int, inner_path: str | None, rule: str, reason: str, excerpt: str | None) -> None:
        where = f"in {inner_path}: " if inner_path else ""
        excerpt = _writable(excerpt[:1000]) if excerpt else excerpt
        self._rejects.append((self._source, self._path, number, rule, f"{where}{_writable(reason)}", excerpt))

    def _add_article(self, item: Article, number: int, inner_path: str | None) -> None:
        body = item.body
        if body is None or not body.strip():
            reason = "there is no text, or nothing but a title; add it"
            self._reject(number, inner_path, "body_missing", reason, item.title or item.url)
            return
        if len(body) > self._options.limits.record_bytes:
            reason = f"a body of {len(body):,} characters, more than {self._options.limits.record_bytes:,}; split it"
            self._reject(number, inner_path, "too_large", reason, body[:1000])
            return
        if not _is_unicode(body, item.title, item.byline):
            reason = "the text holds half a surrogate pair, which is no character; write the record again"
            self._reject(number, inner_path, "not_unicode", reason, body[:1000])
            return
        read = read_date(
            item.published,
            latest=self._latest,
            day_first=self._options.day_first,
            time_zone=self._options.time_zone,
        )
        if read.rule is not None and read.reason is not None:
            self._reject(number, inner_path, read.rule, read.reason, str(item.published))
        for rule in dict.fromkeys(note.rule for note in item.notes):
            note = next(each for each in item.notes if each.rule == rule)
            self._reject(number, inner_path, note.rule, note.reason, note.excerpt)
        url = _matched(_URL, item.url)
        language = _matched(_LANGUAGE, item.language) or _matched(_LANGUAGE, self._options.language)
        self._kept_count += 1
        self._chars += len(body)
        self._articles.append(
            _Row(
                self._source,
                self._path,
                number,
                inner_path,
                url[0] if url and _is_unicode(url[0]) else None,
                language[1].lower() if language else None,
                read.on,
                read.at,
                item.title,
                item.byline,
                body,
            )
        )

    def flush(self) -> Parsed:
        """What was collected since the last time, in the order of the records."""
        articles = pl.DataFrame(self._articles, schema=RAW_ARTICLE, orient="row")
        rejects = reject(
            pl.DataFrame(self._rejects, schema=_REJECT, orient="row"),
            rule=pl.col("rule"),
            reason=printable(pl.col("reason")),
            excerpt=pl.col("excerpt"),
        )
        if self._seeds:
            seeds = parse_seed_texts(pl.DataFrame(self._seeds, schema=_SEED, orient="row"))
            articles = pl.concat([articles, seeds.articles]).sort("record_no")
            rejects = pl.concat([rejects, seeds.rejects]).sort("record_no", "rule")
        self._articles, self._seeds, self._rejects, self._chars = [], [], [], 0
        self._since = time.monotonic()
        return Parsed(articles, rejects)
