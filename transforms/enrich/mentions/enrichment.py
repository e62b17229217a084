"""The enrichment that fills ``mentions`` and ``mention_values``: spans, placed in sentences and tied to entities.

Several finders look at an article: the recogniser for names, patterns for values and for events and groups that the
recogniser missed, and the user's watch-list. Where two claim the same text, the longer one stays; the watch-list's
stays always.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from transforms.contracts import ENTITY_TYPES, TABLES
from transforms.enrich.entities import ENTITY_VERSION, with_entity_ids
from transforms.enrich.mentions import recogniser as load_recogniser
from transforms.enrich.mentions.abbreviations import ABBREVIATIONS_VERSION, find_explained
from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.code_points import Ints
from transforms.enrich.mentions.credits import CREDITS_VERSION, in_credits
from transforms.enrich.mentions.listed import LISTED_VERSION, find_listed, part_persons
from transforms.enrich.mentions.misc_types import MISC_TYPES_VERSION, find_events, find_groups, misc_types
from transforms.enrich.mentions.overlaps import Layer, longest, over
from transforms.enrich.mentions.placing import article_numbers, batch_places
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS, Recogniser
from transforms.enrich.mentions.roles import ROLES_VERSION, find_roles
from transforms.enrich.mentions.tails import without_tails
from transforms.enrich.mentions.titles import TITLES_VERSION, find_quoted_titles
from transforms.enrich.mentions.told import TOLD_VERSION, told_types
from transforms.enrich.mentions.values import VALUE_COLUMNS, VALUES_VERSION, find_values
from transforms.enrich.mentions.watchlist import Watchlist
from transforms.enrich.mentions.works import WORKS_VERSION, find_works
from transforms.enrich.place_context import PLACE_CONTEXT_VERSION, known_by_neighbours
from transforms.enrich.short_names import SHORT_NAMES_VERSION, known_by_initials, known_in_full
from transforms.normalise import Normalised

#: What ``mentions.recogniser`` says of what was found by its form, and of the user's own names.
PATTERNS: Final = "patterns"
WATCHLIST: Final = "watchlist"

_SPAN: Final = ("article_id", "start_char", "end_char")
_VALUES: Final = [name for name in VALUE_COLUMNS if name not in MENTION_COLUMNS]

#: The patterns and most recognisers were written for English, and measured on it alone.
_LANGUAGE: Final = "en"


def _sentence_numbers(mentions: pl.DataFrame, sentences: pl.DataFrame, articles: pl.DataFrame) -> pl.Series:
    """The number of the sentence in which each mention starts."""

    def keys(rows: pl.DataFrame) -> Ints:
        return batch_places(article_numbers(rows, articles), rows["start_char"].to_numpy())

    # Sentences come in the order of the articles, so their keys are sorted already.
    at = np.searchsorted(keys(sentences), keys(mentions), side="right") - 1
    return sentences["sentence_no"].gather(at)


class MentionEnrichment:
    """Names by a recogniser, values by their form and the user's own names, in the contracts' columns.

    Of several recognisers, by commas, the first one's names are the mentions; what the others find is kept apart.
    """

    def __init__(self, recognisers: str, watchlist: Watchlist | None = None) -> None:
        self._recogniser, *self._compared = [load_recogniser(each) for each in recognisers.split(",")]
        self._watchlist = watchlist

    @property
    def version(self) -> str:
        parts = [
            *(f"{each.name}-{each.version}" for each in (self._recogniser, *self._compared)),
            f"values-{VALUES_VERSION}",
            f"groups-{MISC_TYPES_VERSION}",
            f"roles-{ROLES_VERSION}",
            f"credits-{CREDITS_VERSION}",
            f"names-{ABBREVIATIONS_VERSION}.{LISTED_VERSION}.{TITLES_VERSION}.{TOLD_VERSION}.{WORKS_VERSION}",
            f"entities-{ENTITY_VERSION}.{SHORT_NAMES_VERSION}.{PLACE_CONTEXT_VERSION}",
        ]
        return "+".join([*parts, f"watchlist-{self._watchlist.version}"] if self._watchlist else parts)

    def enrich(self, normalised: Normalised) -> dict[str, pl.DataFrame]:
        articles, sentences = normalised
        is_read = (articles["language"] == _LANGUAGE).fill_null(value=True)
        batch = Batch(articles)
        read = batch if is_read.all() else Batch(articles.filter(is_read))
        values = find_values(read)
        found = longest(Layer.of(_by(PATTERNS, values), read.articles), _names(self._recogniser, read)).mentions()
        known = known_in_full(found).fill_null(known_by_initials(found)).fill_null(known_by_neighbours(found))
        found = found.with_columns(known.alias("known_as"))
        if self._watchlist is not None:
            watched = self._watchlist.find(batch)
            named = _by(WATCHLIST, watched).with_columns(watched["entity"].alias("known_as"))
            found = over(Layer.of(named, articles), Layer.of(found, articles)).mentions()
        placed = found.with_columns(
            _sentence_numbers(found, sentences, articles).alias("sentence_no"),
            pl.col("start_char").cum_count().over("article_id").cast(pl.Int32).sub(1).alias("mention_no"),
            *_roles(found, batch),
            in_credits(found, articles),
        ).join(
            articles.select("article_id", "published_on", "published_month"),
            on="article_id",
            how="left",
            maintain_order="left",
            validate="m:1",
        )
        return {
            "mentions": _of_entities(placed).select(TABLES["mentions"].columns),
            "mention_values": _value_rows(placed, values),
            "compared_mentions": pl.concat([
                TABLES["compared_mentions"].empty(),
                *(_compared_rows(each, read.articles) for each in self._compared),
            ]),
        }


def _of_entities(placed: pl.DataFrame) -> pl.DataFrame:
    """Mentions with their ``entity_id``: null for values and in credits."""
    return with_entity_ids(placed).with_columns(pl.when(~pl.col("is_credit")).then("entity_id").alias("entity_id"))


def _roles(mentions: pl.DataFrame, batch: Batch) -> list[pl.Series]:
    """The columns of a role for every mention, null but for persons whose role the text gives."""
    is_person = mentions["mention_type"] == "PERSON"
    roles = find_roles(mentions.filter(is_person), batch)
    numbered = pl.DataFrame({"row": is_person.arg_true()}).hstack(roles)
    rows = pl.DataFrame({"row": pl.int_range(len(mentions), dtype=pl.UInt32, eager=True)})
    return rows.join(numbered, on="row", how="left", maintain_order="left").drop("row").get_columns()


def _by(finder: str, found: pl.DataFrame) -> pl.DataFrame:
    return found.select(*MENTION_COLUMNS.names(), pl.lit(finder).alias("recogniser"))


def _names(recogniser: Recogniser, batch: Batch) -> Layer:
    """The recogniser's names, with what it took for something else, cut wrongly or missed."""
    articles = batch.articles

    def by_pattern(found: pl.DataFrame) -> Layer:
        return Layer.of(_by(PATTERNS, found), articles)

    recognised = recogniser.recognise(articles).filter(pl.col("mention_type").is_in(ENTITY_TYPES))
    names = without_tails(part_persons(recognised))
    # What is a group or an event by its own words is that; but a person may be called Christian or Summit.
    rows = (names["mention_type"] != "PERSON").arg_true()
    by_words = misc_types(names["surface"].gather(rows))
    by_words = by_words.set(by_words == "OTHER", None).fill_null(names["mention_type"].gather(rows))
    names = told_types(names.with_columns(names["mention_type"].scatter(rows, by_words)), batch)
    named = Layer.of(_by(recogniser.name, _without_article(names)), articles)
    named = over(named, by_pattern(find_groups(batch)))
    named = over(by_pattern(find_explained(articles, named.mentions())), named)
    named = longest(named, by_pattern(find_quoted_titles(batch)))
    treaties, works = map(by_pattern, find_works(batch))
    named = over(treaties, longest(named, works))
    named = longest(by_pattern(find_listed(batch)), named)
    # "The Second Karabakh War" is more than the Karabakh in it.
    return longest(by_pattern(find_events(batch)), named)


def _without_article(names: pl.DataFrame) -> pl.DataFrame:
    """Events without the article that a model took along: "Paris Olympics", not "The Paris Olympics"."""
    has_article = (pl.col("mention_type") == "EVENT") & pl.col("surface").str.contains("^[Tt]he ")
    return names.with_columns(
        pl.when(has_article).then(pl.col("start_char") + 4).otherwise(pl.col("start_char")),
        pl.when(has_article).then(pl.col("surface").str.slice(4)).otherwise(pl.col("surface")),
    )


def _compared_rows(recogniser: Recogniser, articles: pl.DataFrame) -> pl.DataFrame:
    names = recogniser.recognise(articles).filter(pl.col("mention_type").is_in(ENTITY_TYPES))
    months = articles.select("article_id", "published_month")
    rows = names.join(months, on="article_id", how="left", maintain_order="left", validate="m:1")
    return rows.with_columns(pl.lit(recogniser.name).alias("recogniser")).select(TABLES["compared_mentions"].columns)


def _value_rows(placed: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """The contract ``mention_values`` for those values that are mentions and say something."""
    said = values.filter(pl.col("date_from").is_not_null() | pl.col("amount").is_not_null())
    of_values = placed.filter(pl.col("recogniser") == PATTERNS).select(*_SPAN, "mention_no", "published_month")
    rows = of_values.join(said.select(*_SPAN, *_VALUES), on=_SPAN, how="inner", maintain_order="left", validate="1:1")
    return rows.select(TABLES["mention_values"].columns)
