"""Short names: the name in full that an article gives a surname, a given name or initials.

What they stand for is told from the same article alone, so that no other one, and no batch, changes it.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from transforms.enrich.entities import listed_keys, name_key

SHORT_NAMES_VERSION: Final = 1

#: What belongs to a surname, though in small letters: "de Blasio", "bin Laden".
_PARTICLES: Final = r"(?:(?:al|bin|da|de|del|della|den|der|di|dos|du|el|la|le|van|von) )*"
#: "De Blasio" at the start of a sentence is short, and "Le Pen" is; "Al Gore" and "Van Jones" are not.
_SHORT: Final = r"^(?:(?:[Bb]in|[Dd](?:a|el?|ella|e[nr]|os|u)|[Ll][ae]|[Vv]on|al|di|el|van) )*\S+$"
#: A longer "name" that starts with a person's is several names run together.
_MOST_WORDS_OF_GIVEN_NAME: Final = 3
#: Given name, middle names, surname and what tells a son from his father, of a name key.
_PARTS: Final = (
    r"^(?<given>\S+)(?<middle>(?: \S+)*?) "
    rf"(?<surname>{_PARTICLES}\S+?)(?:,? (?<suffix>jr|sr|ii|iii|iv)\.?)?$"
)


def _keyed(surfaces: pl.Series) -> pl.DataFrame:
    """``surface, key, given, middle, surname, suffix`` of each different surface; the parts are null in short names."""
    names = surfaces.unique().alias("surface").to_frame().with_columns(name_key(pl.col("surface")).alias("key"))
    is_full = ~pl.col("surface").str.contains(_SHORT)
    return names.with_columns(pl.when(is_full).then(pl.col("key").str.extract_groups(_PARTS)).alias("parts")).unnest(
        "parts"
    )


def _with_persons(full: pl.DataFrame) -> pl.DataFrame:
    """Add ``person``, equal for the names in full that an article gives one person.

    With and without a middle name it is one, with another middle name another: "Hillary Clinton" is "Hillary Rodham
    Clinton", "George W. Bush" not "George H.W. Bush". Who has a suffix ("Jr.") is left out where a namesake has none:
    the short name is not his.
    """
    by = ["article", "surname"]
    initial = pl.col("middle").str.extract(r"^ (\S)")
    middle = initial.fill_null(initial.drop_nulls().first().over(*by, "given"))
    return full.filter(pl.col("suffix").is_null() | pl.col("suffix").is_not_null().all().over(by)).with_columns(
        pl.concat_str("given", middle, "surname", "suffix", separator="\0", ignore_nulls=True).alias("person")
    )


def _candidates(short: pl.DataFrame, full: pl.DataFrame, part: str) -> pl.DataFrame:
    """The ``short`` names that are ``part`` of a name in full, each with the person whom its article names first so.

    Adds ``known_as`` and ``suffix`` of that person, and in which rows the article has the first full name
    (``full_row``), that of a second person (``other_row``), and the short name (``first_use``, ``second_use``).
    """
    named = full.join(short, left_on=["article", part], right_on=["article", "key"], how="semi")
    persons = (
        _with_persons(named.unique(["article", "surface"], keep="first", maintain_order=True))
        .sort(pl.col("key").str.len_chars(), "key", "surface")
        .group_by("article", part, "person", maintain_order=True)
        .agg(pl.col("surface").first().alias("known_as"), pl.col("suffix").first(), pl.col("row").min())
        .sort("article", part, "row")
        .group_by("article", part, maintain_order=True)
        .agg(
            pl.col("known_as", "suffix").first(),
            pl.col("row").first().alias("full_row"),
            pl.col("row").get(1, null_on_oob=True).alias("other_row"),
        )
    )
    uses = pl.col("row").sort()
    return short.select(
        "row",
        "article",
        pl.col("key").alias(part),
        uses.first().over("article", "key").alias("first_use"),
        uses.get(1, null_on_oob=True).over("article", "key").alias("second_use"),
    ).join(persons, on=["article", part], how="inner", validate="m:1")


def _by_surname(short: pl.DataFrame, full: pl.DataFrame) -> pl.DataFrame:
    """``row, known_as`` of the short names that are surnames."""
    is_alone = pl.col("other_row").is_null() | (pl.col("first_use") < pl.col("other_row"))
    # "Trump" before "Donald Trump Jr." is the father, whom the article need not name in full, and "Obama" before
    # "Michelle Obama" her husband.
    is_namesake = pl.col("suffix").is_not_null() | pl.col("surname").is_in(listed_keys("PERSON").implode())
    is_introduced = pl.col("full_row") < pl.col("first_use")
    return (
        _candidates(short, full, "surname").filter(is_alone & (is_introduced | ~is_namesake)).select("row", "known_as")
    )


def _by_given_name(short: pl.DataFrame, full: pl.DataFrame) -> pl.DataFrame:
    """``row, known_as`` of the short names that are given names, or family names that come first.

    Whom an article calls so from the start, but for its headline, is someone without a surname.
    """
    is_short = pl.col("key").str.count_matches(" ", literal=True) < _MOST_WORDS_OF_GIVEN_NAME
    is_introduced = pl.col("full_row") < pl.coalesce("second_use", "first_use")
    candidates = _candidates(short, full.filter(is_short), "given")
    return candidates.filter(pl.col("other_row").is_null() & is_introduced).select("row", "known_as")


def known_in_full(mentions: pl.DataFrame) -> pl.Series:
    """The full name of each PERSON whom an article calls by a part of it; else null.

    ``mentions`` has ``article_id``, ``mention_type`` and ``surface``, in the order of the text. "Guterres" is the first
    person whom the article names in full and whose surname that is, unless it has named a second one by then: in
    "Jeb Bush and George W. Bush … Bush" either could be meant, in "Mitt Romney … Romney … Ann Romney … Romney" the
    first. Who is known by the surname alone ("Obama") is meant unless the article names another one before it. What is
    nobody's surname is the given name ("Hillary") or the family name that comes first ("Xi") of the only person who has
    it.
    """
    persons = mentions.select(pl.col("article_id").rle_id().alias("article"), "surface").with_row_index("row")
    persons = persons.filter(mentions["mention_type"] == "PERSON")
    persons = persons.join(_keyed(persons["surface"]), on="surface", how="left", maintain_order="left", validate="m:1")
    short = persons.filter(pl.col("surname").is_null())
    full = persons.filter(pl.col("surname").is_not_null())
    no_surname = short.join(full, left_on=["article", "key"], right_on=["article", "surname"], how="anti")
    known = pl.concat([_by_surname(short, full), _by_given_name(no_surname, full)])
    return (
        pl
        .Series("known_as", [None], pl.String)
        .new_from_index(0, len(mentions))
        .scatter(known["row"], known["known_as"])
    )


def known_by_initials(mentions: pl.DataFrame) -> pl.Series:
    """The full name of each name by whose initials an article calls it, having explained them; else null.

    ``mentions`` has ``article_id``, ``mention_type``, ``surface``, ``start_char`` and ``end_char``, in the order of the
    text. "ECB" is the European Central Bank in an article that has "European Central Bank (ECB)".
    """
    is_before_bracket = (
        (pl.col("article_id").shift(-1) == pl.col("article_id"))
        & (pl.col("mention_type").shift(-1) == pl.col("mention_type"))
        & (pl.col("start_char").shift(-1) == pl.col("end_char") + len(" ("))
    )
    of_words = pl.col("surface").str.replace_all(r"([\p{L}\p{N}])[\p{L}\p{N}.'’]*[ ,&-]*", "${1}")
    named = (
        mentions
        .with_columns(pl.col("surface").shift(-1).alias("initials"))
        .filter(is_before_bracket)
        .filter(
            pl.col("initials").str.contains(r"^\p{Lu}[\p{L}\p{N}]*[\p{Lu}\p{N}]$"),
            # "Bank of England (BoE)" counts its small words, "Food and Agriculture Organization (FAO)" does not.
            (of_words.str.to_uppercase() == pl.col("initials").str.to_uppercase())
            | (of_words.str.replace_all(r"\p{Ll}", "") == pl.col("initials")),
        )
        .select("article_id", "mention_type", pl.col("initials").alias("surface"), pl.col("surface").alias("known_as"))
        .unique()
        .filter(pl.len().over("article_id", "mention_type", "surface") == 1)
    )
    by = ["article_id", "mention_type", "surface"]
    return mentions.select(by).join(named, on=by, how="left", maintain_order="left", validate="m:1")["known_as"]
