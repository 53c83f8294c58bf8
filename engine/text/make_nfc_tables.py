#!/usr/bin/env python3
"""Writes nfc_tables.inc: what Unicode's composed form (NFC) needs, as Hugging Face's tokenizers know it.

    python3 engine/text/make_nfc_tables.py        (any Python of Unicode 10 or newer: nothing below depends on which)

Their normalizer is of Unicode 10. What younger versions added (YOUNGER, found by asking it) is left out, so that a
text has the same tokens here and there.
"""
import pathlib
import unicodedata

YOUNGER = """7FD 897-89F 8CA-8D3 9FE C3C D3B-D3C EBA 1715 1ABF-1ACE 1DF6-1DFA A82C 105C9 105E4 10D24-10D27 10D69-10D6D
10EAB-10EAC 10EFD-10EFF 10F46-10F50 10F82-10F85 11070 1133B 11383 11385 1138E 11391 113C5 113C7 113C8 113CE-113D0 1145E
11839-1183A 11938 1193D-1193E 11943 119E0 11A34 11A47 11A99 11D42 11D44-11D45 11D97 11F41-11F42 16121-16128 1612F 16D68
16D69 16D6A 16FF0-16FF1 1E08F 1E130-1E136 1E2AE 1E2EC-1E2EF 1E4EC-1E4EF 1E5EE-1E5EF"""
HANGUL = range(0xAC00, 0xD7A4)  # by arithmetic


def younger():
    for item in YOUNGER.split():
        first, _, last = item.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def rows(entries):
    line = ""
    for entry in entries:
        if len(line) + len(entry) + 2 > 100:
            yield line + "\n"
            line = ""
        line += (" " if line else "    ") + entry + ","
    yield line + "\n"


def main():
    skipped = set(younger())
    letters = [c for c in range(0x110000) if c not in skipped and not 0xD800 <= c < 0xE000]
    classes, decompositions, compositions = [], [], []
    for c in letters:
        kind = unicodedata.combining(chr(c))
        if kind:
            if classes and classes[-1][1] == c - 1 and classes[-1][2] == kind:
                classes[-1][1] = c
            else:
                classes.append([c, c, kind])
        mapping = unicodedata.decomposition(chr(c))
        if not mapping or mapping.startswith("<") or c in HANGUL:
            continue
        parts = [int(part, 16) for part in mapping.split()]
        decompositions.append((c, parts[0], parts[1] if len(parts) > 1 else 0))
        if len(parts) == 2 and unicodedata.normalize("NFC", chr(c)) == chr(c):
            compositions.append((parts[0], parts[1], c))
    out = "// Made by make_nfc_tables.py.\n\n"
    followers = sorted({second for _, second, _ in compositions if not unicodedata.combining(chr(second))})
    for comment, name, kind, entries in [
            ("first, last, canonical combining class", "kClasses", "CombiningClass", classes),
            ("character, its two parts (the second 0: only one)", "kDecompositions", "Decomposition", decompositions),
            ("first, second, what they compose to", "kCompositions", "Composition", sorted(compositions))]:
        out += f"// {comment}\nconstexpr {kind} {name}[] = {{\n"
        out += "".join(rows("{" + ", ".join(f"0x{number:X}" for number in entry) + "}" for entry in entries))
        out += "};\n\n"
    out += "// the second of some pair, though no combining mark\nconstexpr char32_t kFollowers[] = {\n"
    out += "".join(rows(f"0x{character:X}" for character in followers)) + "};\n"
    (pathlib.Path(__file__).parent / "nfc_tables.inc").write_text(out.rstrip("\n") + "\n")


main()
