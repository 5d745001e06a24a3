"""Short texts that say what words mean: the entries of WordNet. Read from its files, nothing is fetched."""

import re
from pathlib import Path

PARTS = ("noun", "verb", "adj", "adv")


def read_entries(folder):
    """Of each synset its part of speech, offset, lemmas, offsets of what stands above it, and its gloss."""
    entries = []
    for part in PARTS:
        for line in (Path(folder) / f"data.{part}").read_text("utf8").splitlines():
            if line.startswith("  "):
                continue
            facts, gloss = line.split(" | ", 1)
            fields = facts.split(" ")
            count = int(fields[3], 16)
            lemmas = [re.sub(r"\(\w+\)$", "", fields[4 + 2 * i]).replace("_", " ") for i in range(count)]
            at = 4 + 2 * count
            above = []
            for i in range(int(fields[at])):
                symbol, offset, kind, _ = fields[at + 1 + 4 * i : at + 5 + 4 * i]
                if symbol == "@" and kind == part[0]:
                    above.append(offset)
            entries.append((part, fields[0], lemmas, above, gloss.strip()))
    return entries


def make_text(lemmas, gloss):
    """`dog, domestic dog: a member of the genus Canis …; the dog barked all night`"""
    return f"{', '.join(lemmas)}: {gloss.replace(chr(34), '')}"


def is_name(lemmas):
    """Whether every lemma is written with a capital: people, places and the Latin names of plants and animals."""
    return all(lemma[:1].isupper() for lemma in lemmas)
