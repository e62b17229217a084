"""The office or profession that the text gives a person: "Azerbaijani Ambassador to China", "Apple's chief executive".

A role is a head word of the packaged ``roles.csv`` (written by hand for Dateline) with the words around it that belong
to it, directly before the name ("then-Senate Majority Leader Harry Reid", "the head of the agency, Ann Lee,") or in
apposition behind it ("Tim Cook, Apple's chief executive,"). Where both are given, the one before the name counts.
What is before or behind must end where a role can end; when in doubt there is none. "Mr", "Dr" and the like are no
roles, and neither are plurals, which speak of several people.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from transforms.enrich.gazetteer import read_packaged_csv
from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.code_points import Bools, Ints
from transforms.enrich.mentions.patterns import EDGE, Bodies, Matches, with_kept_patterns
from transforms.enrich.mentions.placing import located
from transforms.enrich.mentions.values.number_words import any_of

#: Part of the engine version; to be raised whenever the same mention may be given another role.
ROLES_VERSION = 2

#: What `find_roles` returns: one row per row given.
ROLE_COLUMNS = pl.Schema({"role": pl.String, "role_start_char": pl.Int32, "role_end_char": pl.Int32})

_BEFORE_BYTES, _AFTER_BYTES = 140, 160

_UPPER = "[A-ZÀ-ÖØ-ÞČĆĐĞİŁŚŞŠŻŽ]"
_LETTER = "[A-Za-z0-9À-ÖØ-öø-ɏ’'&-]"
#: A role has no verb and no clause in it.
_NO_ROLE = (
    r"(?i)(?-u:\b)(?:said|says|say|told|was|were|is|are|has|had|have|will|would|who|whom|which|that|but|if|because|"
    r"could|should|did|does|when|where|while|added|announced|not|he|she|they|we|you|it|as|after|before|during|"
    r"last|this|next|issued|himself|herself)(?-u:\b)|^partner$|"
    r"(?-u:\b)\w+ed (?:the|a|an|that|to|his|her|its|their|on) |^(?:[IVX]+|Jr\.?|Sr\.?) |[ .][A-Z]$"
)

#: What stands around a role in a match of the patterns.
_BEFORE_ROLE = "[^A-Za-z0-9.’'&-]"
_ARTICLE = "(?:[Tt]he|[Aa]n?|[Ii]ts|[Tt]heir) "
#: "His campaign manager, Ann Lee", "Clinton's lawyer, Ann Lee"; with an article alone it may be a list.
_PRONOUN = "(?:[Ii]ts|[Tt]heir|[Hh]is|[Hh]er|[Oo]ur)"
_POSSESSIVE = rf"(?:{_PRONOUN} |(?:{_UPPER}{_LETTER}* ){{0,4}}{_UPPER}{_LETTER}*['’]s? )"
#: What has "of" or "and" in it before an office: "Bank of Japan Governor", "Health and Human Services Secretary".
_BODY = "Bank|Board|Bureau|Chamber|Council|Department|House|Institute|Ministry|Office|University"
_PORTFOLIO = (
    "Health|Housing|Trade|Economy|Energy|Ways|Science|Finance|Agriculture|Commerce|Labou?r|Education|Justice|Banking|"
    "Transport|Transportation|Homeland Security|Food|Research|Oversight|Industry|Environment|Culture|Oil|Planning|"
    "Foreign"
)
_LEAD = r"^(?:, (?:Jr|Sr)\.?)?(?:, [0-9]{1,2})?, (?:(?:the|a|an|then|now) )?"
#: What may stand up to the last word of a role's head behind a name.
_NEXT_WORDS = rf"{_LEAD}([A-Za-z0-9À-ɏ’'&. -]*)"
#: What stands between a role and the comma before a name.
_TAIL = r"(?: \([A-Z]{2,8}\))?, $"
#: What an article may have opened before the role: "a letter to the president of the bank".
_CLAUSE = r"^(?:[a-z]+ )*(?:to|by|from|with) (?:the|an?) "
_BEHIND_ROLE = r"(?:[,;:)]|\.\s?| — | – | said | says | told | who )$"


@cache
def _words(kind: str) -> str:
    """Words of ``roles.csv``.

    A "head", an "abbreviation" of one, a "modifier" without a capital before a head; "no part" is what has a capital
    but opens a sentence or belongs to what stands before the role.
    """
    return any_of([row["role"] for row in read_packaged_csv("roles.csv") if row["kind"] == kind])


def _last_word(role: str) -> str:
    return role.replace("-", " ").split()[-1].lower()


@cache
def _heads_last_words() -> frozenset[str]:
    """The last words of heads, in small letters."""
    return frozenset(_last_word(row["role"]) for row in read_packaged_csv("roles.csv") if row["kind"] == "head")


@cache
def _last_words() -> list[str]:
    """What can stand directly before a name: the last words of heads, in small letters, and abbreviations."""
    roles = [row["role"] for row in read_packaged_csv("roles.csv") if row["kind"] in {"head", "abbreviation"}]
    return sorted({_last_word(role) for role in roles} | {role.lower() for role in roles})


@cache
def _patterns() -> tuple[str, str, str, str, str]:
    """The forms of a role.

    Directly before a name, without and with "of …"; before a name and a comma, with "of …"; behind a name; before a
    name and a comma, behind a possessive.

    Without groups: with them, every match in such large patterns takes ten times as long. What surrounds the role in a
    match is short and is taken off afterwards.
    """
    head = rf"(?i-u:{_words('head')})"
    dotted = _words("abbreviation")
    word = rf"(?:{_UPPER}{_LETTER}*|(?:[A-Z]\.){{1,4}})"
    body = rf"(?:{_BODY}) of(?: the)?|(?:{_PORTFOLIO}) (?:and|&)"
    modifier = rf"(?:(?:{body}|{word}|{_words('modifier')}|[a-z]+-{_LETTER}+)[ -])"
    heads = rf"(?:{head} (?:and|&) (?:{modifier}){{0,2}})?{head}"
    name = rf"(?:(?:the )?{word}(?:(?: of the| of| and| for the| for| at the| at| &)? {word}){{0,7}})"
    joint = r"(?: (?:of|for|to|at|in|on)(?: the)? )"
    opens = rf"{_BEFORE_ROLE}(?:{modifier}){{0,7}}"
    inside = r"(?:[^,.;:()\n\"“”—–]|(?:[A-Z]|Inc|Corp|Co|Ltd|St|Dr)\.)"
    return (
        rf"{opens}(?:{heads}|{dotted}) $",
        rf"{opens}{heads}(?:{joint}{name}){{1,2}} $",
        rf"{EDGE}{_ARTICLE}(?:{modifier}|[a-z]+ ){{0,4}}?{heads}{joint}[^,.;:()\n]{{2,70}}{_TAIL}",
        rf"{_LEAD}(?:[A-Za-zÀ-ɏ][A-Za-z0-9À-ɏ’'&.-]* ){{0,6}}?{heads}"
        rf"(?: (?:of|for|to|at|in|on|and|with|emeritus) {inside}{{2,90}})?"
        r"(?:[,;:)]|\.(?:\s|$)| — | – | said | says | told | who )",
        rf"{EDGE}{_POSSESSIVE}(?:{modifier}|[a-z]+ ){{0,3}}?{heads}, $",
    )


def find_roles(persons: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    """The role of each person mentioned: ``article_id, start_char, end_char → ROLE_COLUMNS``.

    One row per row of ``persons``, in its order; null where the text gives no role. ``role`` is
    ``body[role_start_char:role_end_char]``. A role is looked for in the mention's own paragraph. Every
    ``article_id`` of ``persons`` must be one of the batch.
    """
    bodies = batch.bodies
    names = located(persons, batch.articles, bodies)
    found = with_kept_patterns(
        lambda: pl.concat([_directly_before(bodies, names), _before_comma(bodies, names), _behind(bodies, names)]),
        "contexts of names",
    )
    known = found.unique("row", keep="first", maintain_order=True)
    firsts = known["first"].to_numpy()
    lasts = firsts + known["role"].str.len_bytes().cast(pl.Int64).to_numpy()
    start_chars, end_chars = bodies.chars(Matches(names.body_nos[known["row"].to_numpy()], firsts, lasts))
    roles = known.select(
        "row",
        "role",
        pl.Series("role_start_char", start_chars, pl.Int32),
        pl.Series("role_end_char", end_chars, pl.Int32),
    )
    rows = pl.DataFrame({"row": np.arange(len(persons))})
    return rows.join(roles, on="row", how="left", maintain_order="left").select(ROLE_COLUMNS.names())


def _has_byte(bodies: Bodies, at: Ints, characters: str) -> Bools:
    """Where one of some ASCII characters may stand; whether in the same body, the patterns tell."""
    has_byte: Bools = np.isin(bodies.data.take(at, mode="clip"), np.frombuffer(characters.encode(), np.uint8))
    return has_byte


def _found(rows: Ints, roles: pl.Series, firsts: pl.Series) -> pl.DataFrame:
    """``row, role, first`` of the names that have a role; ``first`` is the byte that it starts at."""
    schema = {"row": pl.Int64, "role": pl.String, "first": pl.Int64}
    return pl.DataFrame({"row": rows, "role": roles, "first": firsts.cast(pl.Int64)}, schema=schema).drop_nulls("role")


def _matches_where(texts: pl.Series, condition: pl.Series, pattern: str) -> pl.Series:
    """The pattern's match in the texts that meet a cheap condition; null in the others."""
    rows = condition.fill_null(value=False).arg_true()
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    return nothing.scatter(rows, with_kept_patterns(lambda: texts.gather(rows).str.extract(pattern, 0)))


def _directly_before(bodies: Bodies, names: Matches) -> pl.DataFrame:
    plain_pattern, of_pattern, *_ = _patterns()
    rows = np.flatnonzero(_has_byte(bodies, names.starts - 1, " "))
    names = names.at(rows)
    before = bodies.before(names, _BEFORE_BYTES, in_line=True)
    last_word = before.str.extract(r"([^ -]+) $").str.to_lowercase()
    before = " " + before  # so that there always is something before a role
    plain = _matches_where(before, last_word.is_in(_last_words()), plain_pattern)
    may_have_of = plain.is_null() & before.str.contains(rf" (?:of|for|to|at|in|on) (?:the )?{_UPPER}[^,;:()]* $")
    matches = pl.select(pl.coalesce(plain, _matches_where(before, may_have_of, of_pattern))).to_series()
    has_match = matches.is_not_null().to_numpy()
    roles = _trimmed(matches.filter(has_match).str.slice(1).str.strip_suffix(" "))
    return _found(rows[has_match], roles, pl.Series(names.starts[has_match] - len(" ")) - roles.str.len_bytes())


def _before_comma(bodies: Bodies, names: Matches) -> pl.DataFrame:
    has_comma = _has_byte(bodies, names.starts - 1, " ") & _has_byte(bodies, names.starts - 2, ",")
    rows = np.flatnonzero(has_comma & _has_byte(bodies, names.ends, ",.;:)"))
    names = names.at(rows)
    before, after = bodies.before(names, _BEFORE_BYTES, in_line=True), bodies.after(names, 1)
    can_be = before.str.ends_with(", ") & (after != "")
    with_of = _matches_where(before, can_be, _patterns()[2])
    ends_in_head = before.str.extract(r"([^ -]+), $").str.to_lowercase().is_in(list(_heads_last_words()))
    possessive = _matches_where(before, can_be & with_of.is_null() & ends_in_head, _patterns()[4])
    matches = pl.select(pl.coalesce(with_of, possessive)).to_series()
    tails = matches.str.extract(_TAIL, 0)
    bare = matches.str.replace(_TAIL, "").str.replace(f"^(?:{_ARTICLE}|{_PRONOUN} )", "").str.replace(_CLAUSE, "")
    roles = _plausible(bare.str.replace(rf"^(?:(?:{_words('no part')}|[Tt]he) )+", ""))
    return _found(rows, roles, pl.Series(names.starts) - tails.str.len_bytes() - roles.str.len_bytes())


def _behind(bodies: Bodies, names: Matches) -> pl.DataFrame:
    rows = np.flatnonzero(_has_byte(bodies, names.ends, ",") & _has_byte(bodies, names.ends + 1, " "))
    names = names.at(rows)
    after = bodies.after(names, _AFTER_BYTES, in_line=True)
    # The pattern goes through all heads at each of several words: it is tried on what has the last word of a head. A
    # loop, since polars would take longer to split and to look up.
    parts = after.str.extract(_NEXT_WORDS).fill_null("").str.to_lowercase().str.replace_all(r"[.-]", " ").to_list()
    may_have_head = pl.Series([not _heads_last_words().isdisjoint(words.split(" ")) for words in parts])
    matches = _matches_where(after, may_have_head.cast(pl.Boolean), _patterns()[3])
    roles = _plausible(matches.str.replace(_LEAD, "").str.replace(_BEHIND_ROLE, ""))
    return _found(rows, roles, pl.Series(names.ends) + matches.str.extract(_LEAD, 0).str.len_bytes())


def _trimmed(roles: pl.Series) -> pl.Series:
    """Roles without what stands up to the last word that opens a sentence, or up to an office that somebody else has.

    Before a senator, only few words are taken for a part of the role: press releases list senators without commas.
    Null where nothing is left.
    """
    roles = roles.str.replace(rf"^(?:.*[ -])?{_words('no part')}[ ]", "")
    senator = rf"((?:(?:{_words('before senator')}|[A-Z][a-z]+(?:an|ish|ese|ino))[ -])*(?:Senator|Sen\.))$"
    office = r"(?:Representative|Rep\.|Congressman|Congresswoman|Governor|Gov\.)"
    roles = roles.str.replace(rf"^(?:.*? )??{senator}", "${1}").str.replace(
        rf"^.*{EDGE}{office} (?:.* )?({office})$", "${1}"
    )
    return roles.replace("", None)


def _plausible(roles: pl.Series) -> pl.Series:
    """The roles, null where they have a verb, begin with no word of a role, or end within an abbreviation."""
    return roles.set(roles.str.contains(_NO_ROLE).fill_null(value=False), None)
