"""Training of the statistical recogniser: from annotated text and a corpus to the packaged lexicon and weights.

``python -m transforms.enrich.mentions.train DIR [--corpus DIR]``. The optional dependency group ``train`` holds what
it needs beyond Dateline itself. The same input gives the same weights, bit for bit, on the same kind of machine.
"""
