"""Which tokens the table has, and how texts are cut into them. Must cut as src/words.ts and src/pieces.ts do."""

import re
import unicodedata
from collections import Counter

WORD = re.compile(r"[a-z0-9\u0080-\u009f\u00c0-\u1fff\u2070-\U0010ffff]+")
LONGEST_WORD = 40


def words_of(text):
    """Lower case, without accents, runs of letters and digits."""
    folded = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    return [word for word in WORD.findall(folded) if len(word) <= LONGEST_WORD]


def choose_tokens(model_vocabulary, texts, fewest):
    """The model's own tokens of plain letters and digits, and whole words that at least so many texts have."""
    own = [token for token in model_vocabulary if re.fullmatch(r"(##)?[a-z0-9]+", token)]
    own = [token for token in own if not re.fullmatch(r"(##)?[0-9]{3,}", token)]
    counts = Counter(word for text in texts for word in set(words_of(text)))
    known = set(own)
    further = [w for w, n in counts.items() if n >= fewest and w not in known and re.fullmatch(r"[a-z]{3,20}", w)]
    return own + sorted(further)


class Cutter:
    """Cuts words into tokens: the word itself, or the longest pieces."""

    def __init__(self, tokens):
        self.rows = {token: row for row, token in enumerate(tokens)}
        self.longest = max(map(len, tokens))
        self.known = {}

    def rows_of(self, word):
        if word not in self.known:
            self.known[word] = self._find(word)
        return self.known[word]

    def cut(self, text):
        return [row for word in words_of(text) for row in self.rows_of(word)]

    def _find(self, word):
        if word in self.rows:
            return [self.rows[word]]
        rows, start = [], 0
        while start < len(word):
            mark = "##" if start > 0 else ""
            for end in range(min(len(word), start + self.longest), start, -1):
                row = self.rows.get(mark + word[start:end])
                if row is not None:
                    break
            else:
                return []
            rows.append(row)
            start = end
        return rows
