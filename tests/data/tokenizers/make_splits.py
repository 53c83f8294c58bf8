#!/usr/bin/env python3
"""Writes splits.json: how the published expressions of pre-tokenizers cut the corpus, by Python's regex module.

    python3 tests/data/tokenizers/make_splits.py        (needs Python's regex)

A rule has its expressions, as the publishers' files have them, the names under which GGUF files know it, and for every line of
the corpus that was taken four hexadecimal digits: FNV-1a over the lengths of the pieces in UTF-8.
"""
import json
import pathlib

import regex

HERE = pathlib.Path(__file__).parent
# \s as the publishers' engine reads it; Python's takes U+001C to U+001F too.
SPACES = r"\x09-\x0d\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
ENDINGS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
RUNS = r"|\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER, LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = ENDINGS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*" + RUNS
QWEN2 = ENDINGS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*" + RUNS
O200K = (rf"[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]*[{LOWER}]+{ENDINGS}?|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]+[{LOWER}]*{ENDINGS}?"
         rf"|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*{RUNS}")
NOT_HAN = r"&&[^\p{Han}]"
RULES = {
    "llama": ([LLAMA3], ["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
                         "smaug-bpe", "glm4", "chatglm-bpe", "dbrx"]),
    "qwen": ([QWEN2], ["qwen2", "deepseek-r1-qwen", "megrez", "stablelm2", "hunyuan", "solar-open", "grok-2"]),
    "o200k": ([O200K], ["gpt-4o", "llama4", "kanana2", "minimax-m2"]),
    "tekken": ([rf"[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]*[{LOWER}]+|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]+[{LOWER}]*"
                rf"|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*{RUNS}"], ["tekken"]),
    "kimi": ([r"[\p{Han}]+"
              rf"|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}{NOT_HAN}]*[{LOWER}{NOT_HAN}]+{ENDINGS}?"
              rf"|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}{NOT_HAN}]+[{LOWER}{NOT_HAN}]*{ENDINGS}?"
              rf"|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*{RUNS}"], ["kimi-k2"]),
    "seed": ([ENDINGS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+" + RUNS], ["seed-coder"]),
    "bailing": ([r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*"
                 r"|\s*[\r\n]|\s+(?!\S)|\s+"], ["bailingmoe", "llada-moe"]),
    "digits": ([r"\p{N}", GPT2], ["starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b"]),
    "falcon": ([r"[\p{P}$+<=>^~|`]+", GPT2, "[0-9][0-9][0-9]"], ["falcon"]),
    "gpt2": ([GPT2], ["gpt-2", "phi-2", "gigachat", "mpt", "olmo", "jais", "trillion", "exaone4", "mellum", "a.x-4.0"]),
    "bloom": ([r" ?[^(\s|.,!?…。，、।۔،)]+"], ["bloom", "poro-chat", "gpt3-finnish"]),
    "deepseek-v3": ([r"\p{N}{1,3}", r"[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
                     r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
                     r"| ?[\p{P}\p{S}]+[\r\n]*" + RUNS], ["deepseek-v3", "hunyuan-dense", "joyai-llm"]),
}


def compiled(expression):
    out, at, inside = "", 0, 0
    while at < len(expression):
        two = expression[at:at + 2]
        if two == r"\s":
            out += SPACES if inside else f"[{SPACES}]"
        elif two == r"\S":
            out += f"[^{SPACES}]"
        elif two[0] == "\\":
            out += two
        else:
            inside += (two[0] == "[") - (two[0] == "]" and inside > 0)
            out += two[0] if two[0] != "[" or inside < 2 else "["
            at -= 1
        at += 2
    return regex.compile(out, regex.V1)


def cut(pieces, pattern):
    for piece in pieces:
        done = 0
        for match in pattern.finditer(piece):
            if match.end() == match.start():
                continue
            if match.start() > done:
                yield piece[done:match.start()]
            yield match.group()
            done = match.end()
        if done < len(piece):
            yield piece[done:]


def digest(pieces):
    value = 2166136261
    for piece in pieces:
        value = ((value ^ len(piece.encode())) * 16777619) & 0xFFFFFFFF
    return f"{(value ^ value >> 16) & 0xFFFF:04x}"


def main():
    corpus = json.loads((HERE / "corpus.json").read_text())
    rules = {}
    for name, (expressions, names) in RULES.items():
        patterns = [compiled(each) for each in expressions]
        digests = ""
        for line in corpus:
            pieces = [line] if line else []
            for pattern in patterns:
                pieces = list(cut(pieces, pattern))
            digests += digest(pieces)
        rules[name] = {"names": names, "digests": digests}
    (HERE / "splits.json").write_text(json.dumps(rules, indent=1) + "\n")


main()
