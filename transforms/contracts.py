"""The data contracts: every published table, declared once.

Validation, the Arrow schema, Parquet metadata, DuckDB DDL and comments, and the data dictionary in the
README are generated from these classes. The first sentence of a class docstring states the table's grain.

Only types that every reader understands are used: String, Int32/Int64, Float64, Boolean, Date and
Timestamp[µs, UTC]. Character offsets are counted in Unicode code points, half-open:
``body[start_char:end_char]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import dataframely as dy
import polars as pl

#: Version of the declarations below; part of the engine version, so a change re-processes every file.
SCHEMA_VERSION = 5

UNDATED = "undated"

ENTITY_TYPES = ("PERSON", "ORGANISATION", "PLACE", "GROUP", "EVENT", "OTHER")
#: Mentions without an entity: what they say stands in ``mention_values``.
VALUE_TYPES = ("DATE", "MONEY", "PERCENT", "QUANTITY")
MENTION_TYPES = ENTITY_TYPES + VALUE_TYPES
FILE_STATUSES = ("loaded", "quarantined", "retired")
REJECT_STAGES = ("extract", "parse", "normalise", "enrich", "write")
RUN_STATUSES = ("published", "rebuilt", "unchanged", "failed", "interrupted")

_ID = r"^[0-9a-f]{16}$"
_SHA256 = r"^[0-9a-f]{64}$"
_MONTH = rf"^(\d{{4}}-\d{{2}}|{UNDATED})$"


class Articles(dy.Schema):
    """One row per article.

    The body is normalised (NFC, single spaces, paragraphs separated by one blank line); every offset in
    the other tables counts its characters.
    """

    article_id = dy.String(
        primary_key=True,
        regex=_ID,
        description="First 16 hex digits of the SHA-256 of source, path and record number.",
    )
    source = dy.String(nullable=False, min_length=1, description="Name of the source that the file belongs to.")
    path = dy.String(nullable=False, min_length=1, description="Path of the file, relative to its source's folder.")
    record_no = dy.Int32(nullable=False, min=0, description="Position of the article in its file, from 0.")
    url = dy.String(nullable=True, description="Canonical address of the article, when the file tells it.")
    inner_path = dy.String(
        nullable=True, description="Where in a packed file it stood, as 'news.tar!/a.html'; null when the file is it."
    )
    language = dy.String(
        nullable=True, description="ISO 639-1 code of the body's language: detected, or declared by the file."
    )
    language_score = dy.Float64(
        nullable=True, min=0, max=1, description="How sure the detection is, 0.5 to 1; null when declared or unknown."
    )
    published_on = dy.Date(nullable=True, description="Calendar date of publication; null when unknown.")
    published_at = dy.Datetime(
        nullable=True, time_unit="us", time_zone="UTC", description="Moment of publication, when a time is known."
    )
    published_month = dy.String(
        nullable=False, regex=_MONTH, description="Month of published_on as YYYY-MM, or 'undated'; the partition key."
    )
    title = dy.String(nullable=True, description="Headline; null when the file has none.")
    byline = dy.String(nullable=True, description="Author line as printed, when the file has one.")
    body = dy.String(nullable=False, min_length=1, description="Normalised text, paragraphs separated by a blank line.")
    paragraph_count = dy.Int32(nullable=False, min=1, description="Number of paragraphs in body.")
    sentence_count = dy.Int32(nullable=False, min=1, description="Number of rows in sentences for this article.")
    word_count = dy.Int32(nullable=False, min=0, description="Number of white-space separated words in body.")
    char_count = dy.Int32(nullable=False, min=1, description="Length of body in characters (code points).")
    content_sha256 = dy.String(
        nullable=False, regex=_SHA256, description="SHA-256 of title, a newline and body: equal text, equal value."
    )

    @dy.rule()
    def month_matches_date(cls) -> pl.Expr:
        return cls.published_month.col == cls.published_on.col.dt.strftime("%Y-%m").fill_null(UNDATED)


class Sentences(dy.Schema):
    """One row per sentence of an article's body."""

    article_id = dy.String(primary_key=True, regex=_ID, description="The article that the sentence stands in.")
    sentence_no = dy.Int32(primary_key=True, min=0, description="Position of the sentence in the body, from 0.")
    published_month = dy.String(nullable=False, regex=_MONTH, description="The article's month; the partition key.")
    paragraph_no = dy.Int32(nullable=False, min=0, description="Position of its paragraph in the body, from 0.")
    start_char = dy.Int32(nullable=False, min=0, description="Offset of its first character in body.")
    end_char = dy.Int32(nullable=False, min=1, description="Offset just behind its last character in body.")

    @dy.rule()
    def span_is_not_empty(cls) -> pl.Expr:
        return cls.start_char.col < cls.end_char.col


class Mentions(dy.Schema):
    """One row per mention of an entity or a value in an article's body."""

    article_id = dy.String(primary_key=True, regex=_ID, description="The article that the mention stands in.")
    mention_no = dy.Int32(primary_key=True, min=0, description="Position of the mention in the body, from 0.")
    published_on = dy.Date(nullable=True, description="The article's date of publication.")
    published_month = dy.String(nullable=False, regex=_MONTH, description="The article's month; the partition key.")
    sentence_no = dy.Int32(nullable=False, min=0, description="The sentence that the mention starts in.")
    start_char = dy.Int32(nullable=False, min=0, description="Offset of its first character in body.")
    end_char = dy.Int32(nullable=False, min=1, description="Offset just behind its last character in body.")
    surface = dy.String(nullable=False, min_length=1, description="The text as printed: body[start_char:end_char].")
    mention_type = dy.String(
        nullable=False,
        check={"known_type": lambda c: c.is_in(MENTION_TYPES)},
        description="PERSON, ORGANISATION, PLACE, GROUP (people, religion, party), EVENT or OTHER (work, law, prize); "
        "or a value: DATE, MONEY, PERCENT, QUANTITY.",
    )
    score = dy.Float64(nullable=False, min=0, max=1, description="The recogniser's confidence, 0 to 1.")
    recogniser = dy.String(nullable=False, min_length=1, description="Name of the recogniser that found it.")
    entity_id = dy.String(
        nullable=True, regex=_ID, description="The entity that is mentioned; null for values and in credits."
    )
    is_credit = dy.Bool(
        nullable=False,
        description="Stands in the article's credits, such as (Reporting by …): who wrote it, not whom it is about.",
    )
    role = dy.String(
        nullable=True,
        min_length=1,
        description="Of a PERSON: office or function as printed beside the name: body[role_start_char:role_end_char].",
    )
    role_start_char = dy.Int32(nullable=True, min=0, description="Offset of the role's first character in body.")
    role_end_char = dy.Int32(nullable=True, min=1, description="Offset just behind the role's last character in body.")

    @dy.rule()
    def span_is_not_empty(cls) -> pl.Expr:
        return cls.start_char.col < cls.end_char.col

    @dy.rule()
    def values_and_credits_alone_have_no_entity(cls) -> pl.Expr:
        return (cls.mention_type.col.is_in(VALUE_TYPES) | cls.is_credit.col) == cls.entity_id.col.is_null()

    @dy.rule()
    def role_is_as_long_as_its_span(cls) -> pl.Expr:
        return cls.role.col.str.len_chars().eq_missing(cls.role_end_char.col - cls.role_start_char.col)

    @dy.rule()
    def surface_is_as_long_as_its_span(cls) -> pl.Expr:
        return cls.surface.col.str.len_chars() == cls.end_char.col - cls.start_char.col


class MentionValues(dy.Schema):
    """One row per mention of a value (DATE, MONEY, PERCENT, QUANTITY) that could be worked out."""

    article_id = dy.String(primary_key=True, regex=_ID, description="The article that the mention stands in.")
    mention_no = dy.Int32(primary_key=True, min=0, description="The mention's position, as in mentions.")
    published_month = dy.String(nullable=False, regex=_MONTH, description="The article's month; the partition key.")
    date_from = dy.Date(nullable=True, description="First day of a DATE; relative ones count from published_on.")
    date_to = dy.Date(nullable=True, description="Last day of a DATE, inclusive: date_from if it is a single day.")
    amount = dy.Float64(
        nullable=True, description="Number of a MONEY, PERCENT or QUANTITY, multiplied out; the lower one of a range."
    )
    amount_to = dy.Float64(nullable=True, description="The higher number of a range; null when there is one number.")
    currency = dy.String(nullable=True, regex=r"^[A-Z]{3}$", description="ISO 4217 code of a MONEY; $ alone is USD.")
    unit = dy.String(
        nullable=True, min_length=1, description="Unit of a QUANTITY in the singular; percent or percentage point."
    )

    @dy.rule()
    def says_something(cls) -> pl.Expr:
        return cls.date_from.col.is_not_null() | cls.amount.col.is_not_null()

    @dy.rule()
    def range_is_in_order(cls) -> pl.Expr:
        return cls.date_from.col <= cls.date_to.col


class ComparedMentions(dy.Schema):
    """One row per name that a recogniser beside the default one found, to compare recognisers by."""

    article_id = dy.String(primary_key=True, regex=_ID, description="The article that the mention stands in.")
    recogniser = dy.String(primary_key=True, min_length=1, description="Name of the recogniser that found it.")
    start_char = dy.Int32(primary_key=True, min=0, description="Offset of its first character in body.")
    end_char = dy.Int32(nullable=False, min=1, description="Offset just behind its last character in body.")
    published_month = dy.String(nullable=False, regex=_MONTH, description="The article's month; the partition key.")
    surface = dy.String(nullable=False, min_length=1, description="The text as printed: body[start_char:end_char].")
    mention_type = dy.String(
        nullable=False,
        check={"known_type": lambda c: c.is_in(ENTITY_TYPES)},
        description="PERSON, ORGANISATION, PLACE, GROUP, EVENT or OTHER.",
    )
    score = dy.Float64(nullable=False, min=0, max=1, description="The recogniser's confidence, 0 to 1.")

    @dy.rule()
    def surface_is_as_long_as_its_span(cls) -> pl.Expr:
        return cls.surface.col.str.len_chars() == cls.end_char.col - cls.start_char.col


class Versions(dy.Schema):
    """One row per version of an article ever seen.

    A new text or date begins a version, and a withdrawn article ends its last one. The view article_versions shows
    every version with its text.
    """

    article_id = dy.String(
        primary_key=True, regex=_ID, description="The article; in articles as long as a version of it is current."
    )
    first_run_id = dy.String(primary_key=True, min_length=1, description="The run that first published this version.")
    last_run_id = dy.String(
        nullable=True,
        min_length=1,
        description="The last run that published a release with it; null while it is current.",
    )
    published_month = dy.String(
        nullable=False, regex=_MONTH, description="The month of this version's date; the partition key."
    )
    source = dy.String(nullable=False, min_length=1, description="Name of the source that the file belongs to.")
    path = dy.String(nullable=False, min_length=1, description="Path of the file, relative to its source's folder.")
    record_no = dy.Int32(nullable=False, min=0, description="Position of the article in its file, from 0.")
    published_on = dy.Date(nullable=True, description="Calendar date of publication, as this version had it.")
    title = dy.String(nullable=True, description="Headline, as this version had it.")
    content_sha256 = dy.String(
        nullable=False, regex=_SHA256, description="SHA-256 of title, a newline and body: equal text, equal value."
    )
    former_body = dy.String(
        nullable=True, description="Body of a version that is past; null while it is current: articles.body has it."
    )

    @dy.rule()
    def only_past_versions_keep_their_body(cls) -> pl.Expr:
        return cls.last_run_id.col.is_null() == cls.former_body.col.is_null()


class Entities(dy.Schema):
    """One row per entity: all mentions of one type whose normalised names are equal."""

    entity_id = dy.String(
        primary_key=True, regex=_ID, description="First 16 hex digits of the SHA-256 of type and normalised name."
    )
    entity_type = dy.String(
        nullable=False,
        check={"known_type": lambda c: c.is_in(ENTITY_TYPES)},
        description="PERSON, ORGANISATION, PLACE, GROUP, EVENT or OTHER.",
    )
    name = dy.String(
        nullable=False, min_length=1, description="The gazetteer's name where there is one, else the commonest surface."
    )
    country_code = dy.String(nullable=True, regex=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2 code of a place.")
    latitude = dy.Float64(nullable=True, min=-90, max=90, description="Degrees north, of a city.")
    longitude = dy.Float64(nullable=True, min=-180, max=180, description="Degrees east, of a city.")
    geonames_id = dy.Int64(nullable=True, description="GeoNames identifier of a place.")
    mention_count = dy.Int64(nullable=False, min=1, description="Rows in mentions.")
    article_count = dy.Int64(nullable=False, min=1, description="Articles with at least one mention.")
    first_seen_on = dy.Date(nullable=True, description="Earliest publication date of an article that mentions it.")
    last_seen_on = dy.Date(nullable=True, description="Latest publication date of an article that mentions it.")


class Files(dy.Schema):
    """One row per input file ever seen: the ledger."""

    source = dy.String(primary_key=True, min_length=1, description="Name of the source that the file belongs to.")
    path = dy.String(primary_key=True, min_length=1, description="Path relative to the source's folder.")
    size_bytes = dy.Int64(nullable=False, min=0, description="Size when it was last processed.")
    modified_at = dy.Datetime(
        nullable=False, time_unit="us", time_zone="UTC", description="Modification time when it was last processed."
    )
    sha256 = dy.String(nullable=True, regex=_SHA256, description="SHA-256 of its bytes; null when it was unreadable.")
    first_read_on = dy.Date(
        nullable=True,
        description="Day (UTC) on which these bytes were first read: what was of the future then, stays so.",
    )
    status = dy.String(
        nullable=False,
        check={"known_status": lambda c: c.is_in(FILE_STATUSES)},
        description="loaded, quarantined (refused, with a reason) or retired (gone from its source).",
    )
    reason = dy.String(nullable=True, description="Why it is quarantined or retired; null when loaded.")
    format = dy.String(nullable=True, description="The format that it was read as; null when it is none that is known.")
    article_count = dy.Int32(nullable=False, min=0, description="Its rows in articles.")
    mention_count = dy.Int32(nullable=False, min=0, description="Its rows in mentions.")
    engine_version = dy.String(nullable=False, min_length=1, description="Version of the engine that processed it.")
    first_run_id = dy.String(nullable=False, min_length=1, description="The run that saw it first.")
    last_run_id = dy.String(nullable=False, min_length=1, description="The run that processed it last.")

    @dy.rule()
    def only_loaded_files_lack_a_reason(cls) -> pl.Expr:
        return (cls.status.col == "loaded") == cls.reason.col.is_null()


class Rejects(dy.Schema):
    """One row per record or file refused, as of the file's last processing."""

    source = dy.String(primary_key=True, min_length=1, description="Name of the source that the file belongs to.")
    path = dy.String(primary_key=True, min_length=1, description="Path relative to the source's folder.")
    record_no = dy.Int32(primary_key=True, min=-1, description="Position of the record in its file; -1: the file.")
    stage = dy.String(
        nullable=False,
        check={"known_stage": lambda c: c.is_in(REJECT_STAGES)},
        description="extract, parse, normalise, enrich or write.",
    )
    rule = dy.String(primary_key=True, min_length=1, description="Short name of the rule that was broken.")
    reason = dy.String(nullable=False, min_length=1, description="What was expected, what came, what to do.")
    excerpt = dy.String(nullable=True, description="The start of the offending text, control characters removed.")


class Runs(dy.Schema):
    """One row per run that ended before this release was built, and the run that built it."""

    run_id = dy.String(primary_key=True, min_length=1, description="Start time in UTC and six hex digits.")
    status = dy.String(
        nullable=False,
        check={"known_status": lambda c: c.is_in(RUN_STATUSES)},
        description="published (made a release), rebuilt (made DuckDB's file anew), unchanged (nothing to do), "
        "failed or interrupted.",
    )
    started_at = dy.Datetime(nullable=False, time_unit="us", time_zone="UTC", description="When the run began.")
    finished_at = dy.Datetime(
        nullable=False, time_unit="us", time_zone="UTC", description="When its outcome was known."
    )
    engine_version = dy.String(nullable=False, min_length=1, description="Version of the engine that ran.")
    files_new_count = dy.Int64(nullable=False, min=0, description="Files never seen before.")
    files_changed_count = dy.Int64(nullable=False, min=0, description="Known files processed again.")
    files_unchanged_count = dy.Int64(nullable=False, min=0, description="Known files skipped.")
    files_touched_count = dy.Int64(
        nullable=False, min=0, description="Of those skipped, the files that were read to see that they are the same."
    )
    files_waiting_count = dy.Int64(
        nullable=False, min=0, description="Files left for a later run because they had only just been written."
    )
    files_retired_count = dy.Int64(nullable=False, min=0, description="Files retired by this run.")
    files_quarantined_count = dy.Int64(nullable=False, min=0, description="Files refused by this run.")
    article_count = dy.Int64(nullable=False, min=0, description="Articles that this run wrote.")
    mention_count = dy.Int64(nullable=False, min=0, description="Mentions that this run wrote.")
    error = dy.String(nullable=True, description="Why the run failed; null otherwise.")


@dataclass(frozen=True, slots=True)
class Table:
    """A published table: its schema and how its Parquet is laid out.

    ``sort_by`` is a total order (it contains the key), so that a table's bytes do not depend on the order
    in which its rows were made. ``references`` maps columns to ``table.column`` they point to.
    """

    name: str
    schema: type[dy.Schema]
    sort_by: tuple[str, ...]
    is_partitioned: bool = False
    references: Mapping[str, str] = field(default_factory=dict)

    @property
    def description(self) -> str:
        """The schema's docstring on one line; its first sentence is the grain."""
        return " ".join((self.schema.__doc__ or "").split())

    @property
    def columns(self) -> list[str]:
        return self.schema.column_names()

    def empty(self) -> pl.DataFrame:
        """A frame with the table's columns and no rows."""
        return self.schema.create_empty()


#: What names an input file.
FILE_KEY = ("source", "path")

#: Every published table, in load order: a table stands behind those that it references.
TABLES: Mapping[str, Table] = MappingProxyType({
    table.name: table
    for table in (
        Table("articles", Articles, ("published_on", "article_id"), is_partitioned=True),
        Table(
            "sentences",
            Sentences,
            ("article_id", "sentence_no"),
            is_partitioned=True,
            references={"article_id": "articles.article_id"},
        ),
        Table(
            "mentions",
            Mentions,
            ("published_on", "article_id", "mention_no"),
            is_partitioned=True,
            references={"article_id": "articles.article_id", "entity_id": "entities.entity_id"},
        ),
        Table(
            "mention_values",
            MentionValues,
            ("article_id", "mention_no"),
            is_partitioned=True,
            references={"article_id": "articles.article_id"},
        ),
        Table(
            "compared_mentions",
            ComparedMentions,
            ("article_id", "recogniser", "start_char"),
            is_partitioned=True,
            references={"article_id": "articles.article_id"},
        ),
        Table("versions", Versions, ("article_id", "first_run_id"), is_partitioned=True),
        Table("entities", Entities, ("entity_type", "name", "entity_id")),
        Table("files", Files, FILE_KEY),
        Table("rejects", Rejects, (*FILE_KEY, "record_no", "rule")),
        Table("runs", Runs, ("run_id",)),
    )
})

#: The tables whose bytes depend on nothing but the input files and the engine.
CONTENT_TABLES = ("articles", "sentences", "mentions", "mention_values", "compared_mentions", "entities")
