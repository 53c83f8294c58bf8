"""Byte-level BPE under DeepSeek-V3's pre-tokenizer, learned from the recipe's own text.

The pre-tokenizer cuts numbers off in groups of three digits and CJK runs on their own, then words,
punctuation and blanks by one regular expression. Here it runs on a string of character classes, so
that the standard library's re suffices. No merge joins digits: every digit is a token.
"""
import re
import unicodedata
from collections import Counter
from functools import lru_cache

from .arithmetic import SLIP
from .conversation import SPECIAL

_CUT = re.compile(
    "n{1,3}|c+|qa+|[swmo]?[alm]+|s?[qp]+r*|[swr]*r+|[swr]+(?![^swrnc])|[swr]+|o+?(?=o[alm]|[^o]|$)"
)


@lru_cache(maxsize=None)
def _class(ch):
    """One letter for what the pre-tokenizer's expressions tell apart."""
    code = ord(ch)
    if ch in "\r\n":
        return "r"
    if ch == " ":
        return "s"
    if ch.isspace():
        return "w"
    kind = unicodedata.category(ch)
    if kind[0] == "N":
        return "n"
    if 0x4E00 <= code <= 0x9FA5 or 0x3040 <= code <= 0x30FF:
        return "c"
    if kind[0] == "L":
        return "a" if code < 128 else "l"
    if kind[0] in "PS":
        return "q" if code < 128 else "p"
    return "m" if kind[0] == "M" else "o"


def pretokens(text):
    """[(start, piece)]: text cut as DeepSeek-V3 cuts it; the pieces put together are the text."""
    return [(m.start(), text[m.start():m.end()]) for m in _CUT.finditer("".join(map(_class, text)))]


def byte_letters():
    """GPT-2's printable letter for every byte: itself where it is visible, else one from 256 on."""
    visible = {*range(33, 127), *range(161, 173), *range(174, 256)}
    hidden = iter(range(256, 512))
    return [chr(b) if b in visible else chr(next(hidden)) for b in range(256)]


_LETTERS = byte_letters()
_BYTES = {letter: b for b, letter in enumerate(_LETTERS)}


def _letters(piece):
    return "".join(_LETTERS[b] for b in piece.encode())


class Tokenizer:
    """tokens: DeepSeek's special tokens, the 256 bytes, one per merge. Not thread-safe (it caches)."""

    def __init__(self, merges):
        self.merges = [tuple(m) for m in merges]
        self.tokens = list(SPECIAL) + _LETTERS + ["".join(m) for m in self.merges]
        self.ids = {t: i for i, t in enumerate(self.tokens)}
        assert len(self.ids) == len(self.tokens)
        self._rank = {m: i for i, m in enumerate(self.merges)}
        self._cache = {}
        self._special = re.compile("(" + "|".join(map(re.escape, SPECIAL)) + ")")

    @classmethod
    def train(cls, texts, size):
        """Learn merges from texts until there are size tokens: always the commonest pair, ties in
        order of the alphabet, so that the same texts give the same vocabulary."""
        special = re.compile("|".join(map(re.escape, SPECIAL)))
        counts = Counter()
        for text in texts:
            for part in special.split(text.replace(SLIP, "")):
                counts.update(p for _, p in pretokens(part) if _class(p[0]) != "n")
        words = [(list(_letters(p)), n) for p, n in sorted(counts.items())]
        merges = []
        while len(SPECIAL) + 256 + len(merges) < size:
            pairs = Counter()
            for word, n in words:
                for pair in zip(word, word[1:]):
                    pairs[pair] += n
            best = min(pairs, key=lambda p: (-pairs[p], p))
            merges.append(best)
            for word, _ in words:
                _merge(word, best)
        return cls(merges)

    def _piece(self, piece):
        found = self._cache.get(piece)
        if found is None:
            word = list(_letters(piece))
            while len(word) > 1:
                rank, pair = min((self._rank.get(p, 1 << 30), p) for p in zip(word, word[1:]))
                if rank == 1 << 30:
                    break
                _merge(word, pair)
            found = self._cache[piece] = [self.ids[t] for t in word]
        return found

    def encode(self, text):
        """Token ids of text with special tokens parsed, no BOS added."""
        return self.encode_marked(text)[0]

    def encode_marked(self, text):
        """(ids, wrong): wrong says which tokens followed a slip mark; the marks are removed."""
        ids, wrong = [], []
        for part in self._special.split(text):
            if part in SPECIAL:
                ids.append(self.ids[part])
                wrong.append(False)
                continue
            plain, marked = _unmark(part)
            for start, piece in pretokens(plain):
                found = self._piece(piece)
                ids += found
                if marked and len(found) == len(piece):
                    wrong += [start + i in marked for i in range(len(piece))]
                else:
                    wrong += [False] * len(found)
        return ids, wrong

    def decode(self, ids):
        """Text of ids; special tokens are spelled out, broken UTF-8 is replaced."""
        out = bytearray()
        for i in ids:
            token = self.tokens[i]
            out += token.encode() if i < len(SPECIAL) else bytes(_BYTES[c] for c in token)
        return out.decode(errors="replace")


def _unmark(text):
    """text without slip marks, and the offsets of the characters that followed one."""
    if SLIP not in text:
        return text, ()
    plain, marked = [], set()
    for ch in text:
        if ch == SLIP:
            marked.add(len(plain))
        else:
            plain.append(ch)
    return "".join(plain), marked


def _merge(word, pair):
    """Join every pair in word, in place."""
    i = 0
    while i < len(word) - 1:
        if word[i] == pair[0] and word[i + 1] == pair[1]:
            word[i:i + 2] = [pair[0] + pair[1]]
        i += 1
