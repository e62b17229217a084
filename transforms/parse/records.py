"""What a reader yields: articles and refusals, one after the other, each with its place in a container."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, TypeAlias

#: A date as it stood in the file: text, a number of seconds since 1970, or a typed value.
DateValue: TypeAlias = str | int | float | date | datetime | None


class Note(NamedTuple):
    """A reject that stands beside an article that was kept."""

    rule: str
    reason: str
    excerpt: str | None = None


@dataclass(slots=True, kw_only=True)
class Item:
    """One record of a file. ``inner_path`` is its place in containers: ``news.tar!/2024/a.html``."""

    inner_path: str = ""


@dataclass(slots=True)
class Article(Item):
    """An article as it stood in the file; nothing is checked yet."""

    body: str | None
    title: str | None = None
    published: DateValue = None
    byline: str | None = None
    url: str | None = None
    language: str | None = None
    notes: tuple[Note, ...] = ()


@dataclass(slots=True)
class SeedText(Item):
    """The text of a seed file; many are parsed together."""

    text: str
    notes: tuple[Note, ...] = ()


@dataclass(slots=True)
class Refusal(Item):
    """A record that is no article, or a whole file that cannot be read (further), and why."""

    rule: str
    reason: str
    excerpt: str | None = None
    is_whole_file: bool = False
