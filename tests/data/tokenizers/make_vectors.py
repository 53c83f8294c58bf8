#!/usr/bin/env python3
"""Writes vocabulary.json and vectors.json: a small byte-level BPE vocabulary, and what Hugging Face's tokenizers make
of difficult texts with it under DeepSeek's three pre-tokenizers.

    python3 tests/data/tokenizers/make_vectors.py        (needs Python's tokenizers)

The vocabulary is trained on the texts below; the rules are those of DeepSeek's published tokenizer.json files. Every text
is encoded two ways per rule: as it is (only plain added tokens are matched) and with special tokens parsed.
"""
import json
import pathlib
import random

from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).parent
SPECIAL = ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>", "<think>", "</think>"]
# Added as ordinary text. As in deepseek-llm, "ü" takes the place of a byte (0xFC) that never occurs in UTF-8.
PLAIN = ["ü", "õõ"]

LETTERS = (
    "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝ\u1f5f-\u1f7dᾀ-ᾴᾶ-ᾼ\u1fbeῂ-ῄῆ-ῌ"
    "\u1fd0-\u1fd3\u1fd6-\u1fdbῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212a-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃"
)
RULES = {
    "deepseek-llm": ["[\r\n]", f"\\s?[{LETTERS}]+", "\\s?[!-/:-~！-／：-～‘-‟　-。]+", "\\s+$", "[一-龥ࠀ-一가-퟿]+", "\\p{N}+"],
    "deepseek-coder": ["[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-퟿]+", "\\p{N}"],
    "deepseek-v3": [
        "\\p{N}{1,3}",
        "[一-龥\u3040-ゟ゠-ヿ]+",
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
        "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
    ],
}

CORPUS = [
    "The quick brown fox jumps over the lazy dog, and the dog thinks about that for a while.",
    "To add 347 and 586, begin with the ones: seven and six are thirteen, write three and carry one.",
    "First the ones, then the tens, then the hundreds; at the end the carry. That is the whole thought.",
    "def add(a, b):\n    result = a + b\n    return result\n\n\nfor i in range(10):\n    print(add(i, i))\n",
    "{\n    \"name\": \"value\",\n    \"list\": [1, 2, 3],\n    \"nested\": { \"key\": null }\n}\n",
    "Der Führer durch die Straßen, über die Brücke, grüßt die Bäume und die Häuser.",
    "Съешь же ещё этих мягких французских булок, да выпей чаю. Ещё раз и ещё раз.",
    "我想在这里工作，今天天气很好。今天我们一起思考一个问题。これは日本語の文章です。カタカナもあります。",
    "한국어 문장도 있습니다. Ελληνικά γράμματα, και άλλα πολλά.",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n- item\n- item\n\n1. one\n2. two\n\n```python\nx = 1\n```\n",
    "    indented\n        more indented\n\t\ttabs\n\n\n\nblank lines\n",
    "Isn't it? I'll say we've, they're, he'd. \"Quoted\" 'single' -- dash... and ellipsis!!! ????",
]

TEXTS = CORPUS + [
    "", " ", "  ", "   ", "\t", "\n", "\n\n", "\n\n\n", "\t\n", " \n", "\r\n\r\n", "Hello world", " Hello World!", "a b  c   d    e",
    "trailing   ", "trailing\n", "trailing \n ", "   x", "3", "33", "333", "3333", "1234567 89,012.5", "v1.2.3-rc4", "½ ² Ⅷ ٣٤٥ 一二三",
    "ied 4 ½ months", "w048 7tuijk dsdfhu", "🦙 this is 🦙.cpp 😶‍🌫️ ✅", "Cửa Việt e\u0301 n\u0303o", "\u00a0nbsp\u3000wide\u2028line\u0085next\u180emvs",
    "\x00\x01\x1f control \x7f", "「引用」、。・！？ ＡＢＣａｂｃ１２３", "مرحبا بالعالم שלום", "हिन्दी में", "ไทย ภาษา", "ø õ õõ õõõ ü Ü fü",
    "<｜User｜>Hi<｜Assistant｜><think>\nhm</think>\n\nHi<｜end▁of▁sentence｜>", "<think", "</think>x", "< think >", "<｜User", "x<think><think>",
    "a" * 200, "ab" * 150, " " * 200 + "x", "\n" * 50, "=" * 100, "12" * 60, "'s't're've'm'll'd", "''''''```````\"\"\"\"......!!!!!!??????",
    "https://example.org/path?query=1&b=2#frag", "$x^2 + y^2 = z^2$ \\frac{a}{b}", "\u2126\u212a\u1f5f\u1fbe\u1fd0 \u0390", "ꓐ Ა ა ⴀ Ꮳ",
]


def random_texts(count):
    """Texts of random characters from classes that the rules tell apart."""
    rng = random.Random(20)
    classes = ["abcXYZ", " ", "  ", "\n", "\r", "\t", "0123456789", ".,;:!?'\"-_()[]{}", "$+<=>^`|~", "éüßõŁ", "жЯ", "世界工作", "ひカ", "한", "🦙✅",
               "\u0301\u093f", "\u00a0\u3000\u2003", "½²٣", "\u200d\ufeff\x0b", "אب", "𐐀𝐀"]
    return ["".join(rng.choice(rng.choice(classes)) for _ in range(rng.randint(2, 24))) for _ in range(count)]


def splitter(rule):
    splits = [pre_tokenizers.Split(Regex(p), "isolated") for p in RULES[rule]]
    return pre_tokenizers.Sequence(splits + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def main():
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = splitter("deepseek-v3")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trained.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=900, min_frequency=2, initial_alphabet=alphabet, show_progress=False))
    model = json.loads(trained.to_str())["model"]
    merges = [m if isinstance(m, list) else m.split(" ") for m in model["merges"]]
    tokens = SPECIAL + PLAIN + [t for t in sorted(model["vocab"], key=model["vocab"].get) if t not in PLAIN]
    vocab = {token: i for i, token in enumerate(tokens)}

    vectors = []
    texts = TEXTS + random_texts(150)
    for rule in RULES:
        def make(special):
            tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=[tuple(m) for m in merges]))
            tokenizer.pre_tokenizer = splitter(rule)
            tokenizer.add_tokens([AddedToken(t, normalized=False) for t in PLAIN + (SPECIAL if special else [])])
            return tokenizer

        plain, special = make(False), make(True)
        for i, text in enumerate(texts):
            if rule == "deepseek-v3" or i < len(TEXTS) or i % 2:
                vectors.append([rule, text, plain.encode(text).ids, special.encode(text).ids])

    types = [3] * len(SPECIAL) + [4] * len(PLAIN) + [1] * (len(tokens) - len(SPECIAL) - len(PLAIN))
    types[vocab["<think>"]] = types[vocab["</think>"]] = 4  # as in R1's files
    (HERE / "vocabulary.json").write_text(json.dumps(
        {"tokens": tokens, "types": types, "merges": [" ".join(m) for m in merges]}, ensure_ascii=False, indent=0) + "\n")
    lines = ",\n".join(json.dumps(v, ensure_ascii=False, separators=(",", ":")) for v in vectors)
    (HERE / "vectors.json").write_text("[\n" + lines + "\n]\n")


main()
