"""From the fields of a record to those of an article: sensible guesses, and a mapping that overrules them.

The guesses are the names that news APIs (NewsAPI, Guardian, New York Times, GDELT), schema.org and the
usual data sets give them, and the plainest ones in German, French, Spanish, Italian, Portuguese and Dutch. They are
compared without case, blanks and punctuation, in the order given here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from transforms.parse.limits import RefusedError
from transforms.parse.markup import plain_text
from transforms.parse.records import Article, DateValue, Note

GUESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "body": (
        "body", "articlebody", "text", "fulltext", "bodytext", "maintext", "plaintext", "articletext", "newstext",
        "content", "contenttext", "articlecontent", "article", "story", "contents", "paragraphs", "contenthtml",
        "bodyhtml", "fields.bodytext", "fields.body", "volltext", "artikeltext", "inhalt", "texte", "contenu", "texto",
        "cuerpo", "contenido", "testo", "contenuto", "corpo", "conteudo", "conteúdo", "tekst", "html", "leadparagraph",
        "description", "summary", "abstract", "snippet",
    ),
    "title": (
        "title", "headline", "headline.main", "heading", "webtitle", "articletitle", "newstitle", "titel",
        "überschrift", "ueberschrift", "titre", "título", "titulo", "titular", "titolo", "subject", "name",
    ),
    "published": (
        "published", "publishedat", "datepublished", "publishedon", "publisheddate", "publicationdate", "publishdate",
        "pubdate", "webpublicationdate", "date", "datetime", "publishedtime", "articledate", "newsdate",
        "firstpublished", "timestamp", "createdat", "datecreated", "created", "seendate", "datum",
        "fecha", "day", "time",
    ),
    "byline": (
        "byline", "byline.original", "author", "authors", "creator", "writer", "reporter", "journalist",
        "autor", "autoren", "auteur", "autore", "verfasser",
    ),
    "url": ("url", "canonicalurl", "link", "permalink", "weburl", "articleurl", "sourceurl", "mainentityofpage", "uri"),
    "language": ("language", "lang", "inlanguage", "locale", "languagecode", "sprache", "langue", "idioma"),
}  # fmt: skip
# Those that may stand for the text when nothing better does, and mean something else in a table's header.
_WEAK: Final = frozenset({"description", "summary", "abstract", "snippet", "html", "leadparagraph"})
_LINES: Final = ("title", "byline", "url", "language")
_LONGEST_LINE_CHARS: Final = 10_000
# What programs write where there is no date.
_NO_DATES: Final = frozenset({"", "nan", "nat", "none", "null", "n/a", "na", "unknown", "-"})
_MOST_NAMES: Final = 50
_MOST_SHAPES: Final = 1_000


def _plain(name: str) -> str:
    return re.sub(r"[^\w.]|_", "", name.casefold())


def has_body_field(names: Iterable[str], mapping: Mapping[str, str]) -> bool:
    """Whether a table with these columns can hold articles."""
    given = list(names)
    if "body" in mapping:
        return mapping["body"] in given
    plain = {_plain(name) for name in given}
    return any(name in plain for name in GUESSES["body"])


def looks_like_header(names: Iterable[str]) -> bool:
    """Whether these are the columns of articles: a text, or two other known ones."""
    plain = [_plain(name) for name in names]
    known = {column for column, guesses in GUESSES.items() for name in plain if name in guesses}
    strong = any(name in GUESSES["body"] and name not in _WEAK for name in plain)
    return len(known) >= (1 if strong and len(plain) > 1 else 2)


def _nested(record: Mapping[str, Any], name: str) -> Any:
    value: Any = record
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def _scalar_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, int | float | date):
        return str(value)
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return None


def _text(value: Any, separator: str) -> str | None:
    """A text, a list of them, or an object with a name or a text."""
    if isinstance(value, Mapping):
        for name in ("name", "@value", "value", "text", "#text", "content", "@id", "url"):
            if isinstance(value.get(name), str):
                return str(value[name])
        return None
    if isinstance(value, list | tuple):
        parts = [_text(each, separator) if not isinstance(each, list | tuple) else None for each in value]
        return separator.join(part for part in parts if part and part.strip()) or None
    return _scalar_text(value)


def _date_value(value: Any) -> DateValue:
    if isinstance(value, str | datetime | date | int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, Mapping):  # MongoDB's {"$date": …}
        return _date_value(value.get("$date"))
    return None


class FieldMap:
    """Finds the fields of an article in records; ``mapping`` (column to field name) goes before the guesses."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        unknown = sorted(mapping.keys() - GUESSES.keys())
        if unknown:
            raise ValueError(f"unknown columns in the field mapping: {unknown}; expected some of {sorted(GUESSES)}")
        self._mapping = mapping
        self._found: dict[tuple[str, ...], dict[str, list[str]]] = {}

    def _candidates(self, names: tuple[str, ...]) -> dict[str, list[str]]:
        """The record's field names for each column, best first."""
        by_plain: dict[str, str] = {}
        for name in names:
            by_plain.setdefault(_plain(name), name)
        found: dict[str, list[str]] = {}
        for column, guesses in GUESSES.items():
            if column in self._mapping:
                found[column] = [self._mapping[column]]
                continue
            found[column] = []
            for guess in guesses:
                outer, _, inner = guess.partition(".")
                if outer in by_plain:
                    found[column].append(f"{by_plain[outer]}\0{inner}" if inner else by_plain[outer])
        return found

    @staticmethod
    def _value(record: Mapping[str, Any], name: str) -> Any:
        if name in record:
            return record[name]
        outer, _, inner = name.partition("\0")
        if not inner:
            return _nested(record, name)
        value = record.get(outer)
        if not isinstance(value, Mapping):
            return None
        return next((each for key, each in value.items() if isinstance(key, str) and _plain(key) == inner), None)

    def _line(
        self, record: Mapping[str, Any], column: str, candidates: Mapping[str, list[str]], notes: list[Note]
    ) -> str | None:
        """The first of the candidates that is a line of text; of one that is too long, a note."""
        for name in candidates[column]:
            text = _text(self._value(record, name), ", " if column == "byline" else " ")
            if text is None or not text.strip():
                continue
            if len(text) > _LONGEST_LINE_CHARS:
                reason = (
                    f"the {column} has {len(text):,} characters, more than {_LONGEST_LINE_CHARS:,}: kept without it"
                )
                notes.append(Note("field_too_long", reason, text))
            elif line := plain_text(text):
                return line
        return None

    def _without_body(self, record: Mapping[str, Any], candidates: list[str]) -> str:
        """Why a record has no text."""
        empty = next((name for name in candidates if name in record), None)
        listed = ", ".join([name for name in record if isinstance(name, str)][:_MOST_NAMES]) or "none"
        if empty is not None:
            return f"the field '{empty}' holds no text; fill it, or map 'body' to another one of: {listed[:300]}"
        asked = f"'{self._mapping['body']}'" if "body" in self._mapping else "of a usual name"
        return f"no field {asked} holds text; there are: {listed[:300]}; map 'body' to the right one"

    def columns(self, names: Iterable[str]) -> list[str]:
        """The top-level fields that an article may be made of, of all that there are."""
        candidates = self._candidates(tuple(names))
        wanted = [name.split("\0")[0] for each in candidates.values() for name in each]
        given = set(names)
        return sorted({name if name in given else name.split(".")[0] for name in wanted} & given)

    def article(self, record: Mapping[str, Any], *, body: str | None = None) -> Article:
        """The article of a record; ``body`` is its text if no field holds it. Raises ``RefusedError``."""
        names = tuple(name for name in record if isinstance(name, str))
        candidates = self._found.get(names)
        if candidates is None:
            candidates = self._candidates(names)
            if len(self._found) < _MOST_SHAPES:  # records of a thousand shapes are no table
                self._found[names] = candidates
        notes: list[Note] = []
        line = {column: self._line(record, column, candidates, notes) for column in _LINES}
        is_field = body is None
        body = (
            body
            if body is not None
            else next(
                (
                    text
                    for name in candidates["body"]
                    if (text := _text(self._value(record, name), "\n\n")) and text.strip()
                ),
                None,
            )
        )
        if body is None:
            raise RefusedError("body_missing", self._without_body(record, candidates["body"]), line["title"])
        dates = (_date_value(self._value(record, name)) for name in candidates["published"])
        published = next((value for value in dates if str(value).strip().casefold() not in _NO_DATES), None)
        return Article(
            body=plain_text(body) if is_field else body,
            title=line["title"],
            published=published,
            byline=line["byline"],
            url=line["url"],
            language=line["language"],
            notes=tuple(notes),
        )
