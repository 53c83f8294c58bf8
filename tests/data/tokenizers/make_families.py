#!/usr/bin/env python3
"""Writes families.json and corpus.json: small vocabularies in the shape in which each family publishes its own, and what
Hugging Face's tokenizers make of the corpus with them.

    python3 tests/data/tokenizers/make_families.py        (needs Python's tokenizers)

A family has its publisher's tokenizer.json (normalizer, pre-tokenizer, added tokens, post-processor) without vocabulary and
merges, which all byte-level families share, and what a GGUF file of it says. For each line of the corpus there are six
hexadecimal digits: FNV-1a over the tokens' ids.
"""
import json
import pathlib

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from make_corpus import corpus

HERE = pathlib.Path(__file__).parent
ENDINGS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
RUNS = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
UPPER, LOWER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]", "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
LETTERS = (
    "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝ\u1f5f-\u1f7dᾀ-ᾴᾶ-ᾼ\u1fbeῂ-ῄῆ-ῌ"
    "\u1fd0-\u1fd3\u1fd6-\u1fdbῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212a-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃"
)
# The expressions are those of the publishers' tokenizer.json files, to the letter.
RULES = {
    "qwen2": [f"{ENDINGS}|[^\\r\\n\\p{{L}}\\p{{N}}]?\\p{{L}}+|\\p{{N}}| ?[^\\s\\p{{L}}\\p{{N}}]+[\\r\\n]*{RUNS}"],
    "qwen35": [f"{ENDINGS}|[^\\r\\n\\p{{L}}\\p{{N}}]?[\\p{{L}}\\p{{M}}]+|\\p{{N}}| ?[^\\s\\p{{L}}\\p{{M}}\\p{{N}}]+[\\r\\n]*{RUNS}"],
    "llama-bpe": [f"{ENDINGS}|[^\\r\\n\\p{{L}}\\p{{N}}]?\\p{{L}}+|\\p{{N}}{{1,3}}| ?[^\\s\\p{{L}}\\p{{N}}]+[\\r\\n]*{RUNS}"],
    "gpt-4o": [f"[^\\r\\n\\p{{L}}\\p{{N}}]?{UPPER}*{LOWER}+{ENDINGS}?|[^\\r\\n\\p{{L}}\\p{{N}}]?{UPPER}+{LOWER}*{ENDINGS}?"
               f"|\\p{{N}}{{1,3}}| ?[^\\s\\p{{L}}\\p{{N}}]+[\\r\\n/]*{RUNS}"],
    "deepseek-llm": ["[\r\n]", f"\\s?[{LETTERS}]+", "\\s?[!-/:-~！-／：-～‘-‟　-。]+", "\\s+$", "[一-龥ࠀ-一가-퟿]+", "\\p{N}+"],
    "deepseek-coder": ["[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-퟿]+", None],
    "deepseek-v3": ["\\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+",
                    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+"
                    "|\\s+(?!\\S)|\\s+"],
    "gpt-2": [],
}
QWEN = [("<|endoftext|>", True), ("<|im_start|>", True), ("<|im_end|>", True), ("<think>", False), ("</think>", False)]
LLAMA = [("<|begin_of_text|>", True), ("<|end_of_text|>", True), ("<|start_header_id|>", True), ("<|end_header_id|>", True),
         ("<|eom_id|>", True), ("<|eot_id|>", True)]
OSS = [("<|startoftext|>", True), ("<|endoftext|>", True), ("<|return|>", True), ("<|constrain|>", True), ("<|channel|>", True),
       ("<|start|>", True), ("<|end|>", True), ("<|message|>", True), ("<|call|>", True)]
DEEPSEEK = [("<｜begin▁of▁sentence｜>", True), ("<｜end▁of▁sentence｜>", True), ("<｜User｜>", False), ("<｜Assistant｜>", False),
            ("<think>", False), ("</think>", False)]
# name: rule, added tokens, first of them that is BOS (or None), and the tokenizer.json's manners
FAMILIES = {
    "qwen3": ("qwen2", QWEN, None, {"normalizer": {"type": "NFC"}}),
    "qwen35": ("qwen35", QWEN, None, {"normalizer": {"type": "NFC"}, "pairs": True}),
    "deepseek-r1-qwen": ("qwen2", DEEPSEEK, 0, {"normalizer": {"type": "NFC"}, "pre": "deepseek-r1-qwen"}),
    "llama3": ("llama-bpe", LLAMA, 0, {"ignore_merges": True, "pairs": True}),
    "gpt-oss": ("gpt-4o", OSS, None, {"pairs": True}),
    "deepseek-llm": ("deepseek-llm", DEEPSEEK[:2], 0, {"normalizer": {"type": "Sequence", "normalizers": []}}),
    "deepseek-coder": ("deepseek-coder", DEEPSEEK[:2], 0, {"normalizer": {"type": "Sequence", "normalizers": []}}),
    "deepseek-v3": ("deepseek-v3", DEEPSEEK, 0, {"normalizer": {"type": "Sequence", "normalizers": []}}),
    "gpt-2": ("gpt-2", [("<|endoftext|>", True)], None, {}),
}


def splits(rule):
    made = []
    for pattern in RULES[rule]:
        if pattern is None:
            made.append({"type": "Digits", "individual_digits": True})
        else:
            made.append({"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False})
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": not made}
    return {"type": "Sequence", "pretokenizers": [*made, level]} if made else level


def added(names, first):
    return [{"id": first + i, "content": name, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": special}
            for i, (name, special) in enumerate(names)]


def post_processor(names, bos, first):
    level = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}
    if bos is None:
        return level
    token = names[bos][0]
    return {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": token, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"SpecialToken": {"id": token, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {token: {"id": token, "ids": [first + bos], "tokens": [token]}}}


def skeleton(rule, names, bos, manners, size):
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added(names, size),
            "normalizer": manners.get("normalizer"), "pre_tokenizer": splits(rule), "post_processor": post_processor(names, bos, size),
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                      "fuse_unk": False, "byte_fallback": False, "ignore_merges": manners.get("ignore_merges", False)}}


def digest(ids):
    value = 0x811C9DC5
    for number in ids:
        for byte in number.to_bytes(4, "little"):
            value = (value ^ byte) * 0x01000193 % 2**32
    return f"{value & 0xFFFFFF:06x}"


def digests(tokenizer, lines):
    return "".join(digest(tokenizer.encode(line, add_special_tokens=False).ids) for line in lines)


def byte_level(lines):
    """Tokens and merges; of every 40th merge the token stays and the merge goes, which ignore_merges makes a difference for."""
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.NFC()
    trained.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(RULES["llama-bpe"][0]), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    trained.train_from_iterator(lines, trainers.BpeTrainer(
        vocab_size=2600, min_frequency=3, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False, max_token_length=24))
    model = json.loads(trained.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    merges = [merge if isinstance(merge, list) else merge.split(" ") for merge in model["merges"]]
    used = {part for merge in merges for part in merge}
    return tokens, [merge for i, merge in enumerate(merges) if i % 40 != 39 or "".join(merge) in used]


def pieces(lines):
    """SentencePiece's kind: tokens with the score -rank, and every pair that makes one, as Hugging Face converts them."""
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trained.pre_tokenizer = pre_tokenizers.Split(Regex("▁*[^▁]*"), "isolated")
    trained.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=1500, min_frequency=4, show_progress=False, max_token_length=16, limit_alphabet=300))
    vocab = json.loads(trained.to_str())["model"]["vocab"]
    learned = [token for token in sorted(vocab, key=vocab.get) if "<0x" not in token and min(token) > "\x1f"]
    learned = [token for token in learned if len(token) > 1] + [token for token in learned if len(token) == 1]
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)] + learned
    ids = {token: i for i, token in enumerate(tokens)}
    merges = []
    for token in learned:
        pairs = [(token[:i], token[i:]) for i in range(1, len(token)) if token[:i] in ids and token[i:] in ids]
        merges += sorted(pairs, key=lambda pair: (ids[pair[0]], ids[pair[1]]))
    scores = [0.0] * 259 + [-float(i) for i in range(len(learned))]
    return tokens, scores, merges


def sentence_piece(tokens, merges, metaspace):
    size = len(tokens)
    normal = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
    special = [{"id": i, "content": name, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
               for i, name in enumerate(tokens[:3])]
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": special, "normalizer": None if metaspace else normal,
            "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False} if metaspace else None,
            "post_processor": None, "decoder": None,
            "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None,
                      "fuse_unk": True, "byte_fallback": True, "ignore_merges": False}}


def filled(skeleton, tokens, merges, pairs):
    model = skeleton["model"] | {"vocab": {token: i for i, token in enumerate(tokens)},
                                 "merges": [list(m) if pairs else " ".join(m) for m in merges]}
    return Tokenizer.from_str(json.dumps(skeleton | {"model": model}))


def main():
    lines = corpus()
    tokens, merges = byte_level(lines)
    families = {}
    for name, (rule, names, bos, manners) in FAMILIES.items():
        shape = skeleton(rule, names, bos, manners, len(tokens))
        pairs = manners.get("pairs", False)
        families[name] = {"tokenizer": shape, "pre": manners.get("pre", rule), "pairs": pairs,
                          "digests": digests(filled(shape, tokens, merges, pairs), lines)}
    piece_tokens, scores, piece_merges = pieces(lines)
    for name, metaspace in (("llama-spm", False), ("llama-metaspace", True)):
        shape = sentence_piece(piece_tokens, piece_merges, metaspace)
        families[name] = {"tokenizer": shape, "pairs": metaspace,
                          "digests": digests(filled(shape, piece_tokens, piece_merges, metaspace), lines)}
    result = {"byte_level": {"tokens": tokens, "merges": [" ".join(m) for m in merges]},
              "pieces": {"tokens": piece_tokens, "scores": scores, "merges": [" ".join(m) for m in piece_merges]}, "families": families}
    (HERE / "families.json").write_text(json.dumps(result, ensure_ascii=False, separators=(",", ":")) + "\n")
    (HERE / "corpus.json").write_text("[\n" + ",\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n]\n")


main()
