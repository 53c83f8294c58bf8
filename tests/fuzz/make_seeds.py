#!/usr/bin/env python3
"""Makes tests/fuzz/seeds: small whole GGUF files, one of each shape that the reader knows, answers with a thought
(after a byte that says how they are cut), texts (after one that chooses a rule), chat templates, tokenizer.json files.

usage: python3 tests/fuzz/make_seeds.py
"""

import json
import struct
from pathlib import Path

U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64 = range(13)
LETTERS = {U8: "B", I8: "b", U16: "H", I16: "h", U32: "I", I32: "i", F32: "f", BOOL: "?", U64: "Q",
           I64: "q", F64: "d"}
ALIGNMENT = 32


def string(text):
    return struct.pack("<Q", len(text.encode())) + text.encode()


def value(kind, content):
    if kind == STRING:
        return string(content)
    if kind == ARRAY:
        element, items = content
        return struct.pack("<IQ", element, len(items)) + b"".join(value(element, item) for item in items)
    return struct.pack("<" + LETTERS[kind], content)


def gguf(version, pairs, tensors):
    """pairs: (key, kind, content); tensors: (name, dimensions, type number, bytes of data)."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(pairs))
    for key, kind, content in pairs:
        head += string(key) + struct.pack("<I", kind) + value(kind, content)
    data = b""
    for name, dimensions, number, size in tensors:
        head += string(name) + struct.pack("<I", len(dimensions))
        head += b"".join(struct.pack("<Q", dimension) for dimension in dimensions)
        head += struct.pack("<IQ", number, len(data))
        data += bytes(size) + bytes(-size % ALIGNMENT)
    return head + bytes(-len(head) % ALIGNMENT) + data


KINDS = [("a.u8", U8, 8), ("a.i8", I8, -8), ("a.u16", U16, 16), ("a.i16", I16, -16), ("a.u32", U32, 32),
         ("a.i32", I32, -32), ("a.f32", F32, 0.5), ("a.bool", BOOL, True), ("a.string", STRING, "über"),
         ("a.u64", U64, 64), ("a.i64", I64, -64), ("a.f64", F64, 0.25),
         ("a.strings", ARRAY, (STRING, ["one", "", "drei"])), ("a.ints", ARRAY, (I32, [1, -2, 3])),
         ("a.floats", ARRAY, (F32, [0.5, 1.5])), ("a.none", ARRAY, (U8, []))]
# The type's number, how many weights a block holds, how many bytes it takes.
TYPES = {"f32": (0, 1, 4), "f16": (1, 1, 2), "q4_0": (2, 32, 18), "q5_0": (6, 32, 22), "q8_0": (8, 32, 34),
         "q4_k": (12, 256, 144), "q5_k": (13, 256, 176), "q6_k": (14, 256, 210), "bf16": (30, 1, 2)}

VOCABULARY = [("general.architecture", STRING, "deepseek2"), ("tokenizer.ggml.model", STRING, "gpt2"),
              ("tokenizer.ggml.pre", STRING, "deepseek-v3"),
              ("tokenizer.ggml.tokens", ARRAY, (STRING, ["a", "b", "ab", "Ġ", "<think>", "<end>"])),
              ("tokenizer.ggml.token_type", ARRAY, (I32, [1, 1, 1, 1, 4, 3])),
              ("tokenizer.ggml.merges", ARRAY, (STRING, ["a b"])),
              ("tokenizer.ggml.eos_token_id", U32, 5), ("tokenizer.ggml.add_bos_token", BOOL, False)]

A = "deepseek2"
MODEL = VOCABULARY + [
    (f"{A}.block_count", U32, 2), (f"{A}.context_length", U32, 64), (f"{A}.embedding_length", U32, 8),
    (f"{A}.feed_forward_length", U32, 8), (f"{A}.attention.head_count", U32, 2),
    (f"{A}.attention.head_count_kv", U32, 2), (f"{A}.attention.key_length", U32, 6),
    (f"{A}.attention.value_length", U32, 4), (f"{A}.attention.kv_lora_rank", U32, 8),
    (f"{A}.rope.dimension_count", U32, 2), (f"{A}.rope.freq_base", F32, 10000.0),
    (f"{A}.attention.layer_norm_rms_epsilon", F32, 1e-6), (f"{A}.vocab_size", U32, 6),
    (f"{A}.leading_dense_block_count", U32, 1), (f"{A}.expert_count", U32, 4),
    (f"{A}.expert_used_count", U32, 2), (f"{A}.expert_shared_count", U32, 1),
    (f"{A}.expert_feed_forward_length", U32, 8), (f"{A}.expert_weights_scale", F32, 1.0),
    (f"{A}.expert_gating_func", U32, 2), (f"{A}.expert_weights_norm", BOOL, True)]


def matrix(name, *dimensions):
    count = 1
    for dimension in dimensions:
        count *= dimension
    return name, list(dimensions), 0, 4 * count


def layer(number, dense):
    attention = [("attn_norm", 8), ("attn_q", 8, 12), ("attn_kv_a_mqa", 8, 10), ("attn_kv_a_norm", 8),
                 ("attn_kv_b", 8, 16), ("attn_output", 8, 8), ("ffn_norm", 8)]
    feed = [("ffn_gate", 8, 8), ("ffn_up", 8, 8), ("ffn_down", 8, 8)] if dense else \
           [("ffn_gate_inp", 8, 4), ("ffn_gate_exps", 8, 8, 4), ("ffn_up_exps", 8, 8, 4),
            ("ffn_down_exps", 8, 8, 4), ("ffn_gate_shexp", 8, 8), ("ffn_up_shexp", 8, 8),
            ("ffn_down_shexp", 8, 8)]
    return [matrix(f"blk.{number}.{name}.weight", *dimensions) for name, *dimensions in attention + feed]


THOUGHTS = {
    "plain": "\x09<think>\nI need 347 + 586.\n\nOnes: 7 + 6 = 13, carry 1.\n</think>\n\n933",
    "opened": "\x1bStep 1: add.\n- ones\n- tens\n\n```\n- code\n\n```\n1. so</think>  the **answer**",
    "tags": "\x01</think> first <think>not a tag any more</think> \u00fc\U0001f600",
    "cut": "\x11<thi<think></thin</think",
    "channels": "\x10<|channel|>analysis<|message|>Add.\n\nOnes.<|end|><|start|>assistant<|channel|>final<|message|>933<|return|>",
    "call": "\x00 to=functions.f<|channel|>commentary <|constrain|>json<|message|>{}<|call|> x<|end|><|start|>y<|message|>z",
    "in_message": "\x0ahm<|end|>\n<|start|>assistant<|channel|>comment<|end|>",
}

# After a byte that chooses the rule.
TEXTS = ["Hello, it's 12 345  times\n\n  <think>x</think>", "aaaaaaaa aaaa\t\n", "cafe\u0301 \u1112\u1161\u11ab \u0915\u093c",
         "世界 ひカ 한 \U0001f642", "CamelCASE's 'Ve\r\n/", "\ud7ff \u2581\u00a0\u3000", "<｜User｜><s"]

TEMPLATES = {
    "loop": "{{ bos_token }}{% for m in messages %}{{ '<' + m['role'] + '>' + m.content | trim }}{% endfor %}"
            "{% if add_generation_prompt %}<a><think>\n{% endif %}",
    "split": "{%- set ns = namespace(last=0) -%}{%- for m in messages[::-1] %}{% if m.role == 'user' %}{% set ns.last = loop.index0 %}"
             "{% endif %}{% endfor %}{{ messages[ns.last].content.split('</think>')[-1].lstrip('\\n') }}",
    "macro": "{% macro f(x, y=1) %}{{ x ~ y }}{% endmacro %}{{ f(messages | length) }}{{ strftime_now('%Y-%m-%d') }}",
    "refuse": "{% if messages[0].role == 'system' %}{{ raise_exception('No system.') }}{% endif %}",
    "json": "{{ messages | tojson(indent=2) }}{{ messages[0] is mapping and x is not defined }}",
    "endless": "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
}


def tokenizer_json():
    letters = {letter: i for i, letter in enumerate("abcdefghijklmnopqrstuvwxyz0123456789Ġ'")}
    special = [{"id": 60, "content": "<s>", "single_word": False, "lstrip": False, "rstrip": True, "normalized": False, "special": True}]
    split = {"type": "Split", "pattern": {"Regex": "(?i:'s)|[^\\r\\n\\p{L}]?\\p{L}+|\\p{N}{1,3}|\\s+(?!\\S)|\\s+"},
             "behavior": "Isolated", "invert": False}
    level = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}
    template = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}]}
    model = {"type": "BPE", "vocab": letters | {"ab": 40, "Ġa": 41}, "merges": ["a b", ["Ġ", "a"]], "ignore_merges": True}
    yield "bytes", {"added_tokens": special, "normalizer": {"type": "NFC"}, "post_processor": template, "model": model,
                    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, {"type": "Digits", "individual_digits": True}, level]},
                    "add_bos_token": True, "eos_token": {"content": "<s>"}, "eos_token_id": [60, 1]}
    pieces = {"<unk>": 0, "<0x0A>": 1, "▁": 2, "a": 3, "b": 4, "▁a": 5, "ab": 6}
    yield "characters", {"normalizer": {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
        "model": {"type": "BPE", "unk_token": "<unk>", "byte_fallback": True, "vocab": pieces, "merges": ["▁ a", "a b"]}}
    yield "metaspace", {"pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False},
                        "model": {"type": "BPE", "vocab": pieces, "merges": []}}


def main():
    seeds = Path(__file__).resolve().parent / "seeds"
    (seeds / "thought").mkdir(parents=True, exist_ok=True)
    for name, text in THOUGHTS.items():
        (seeds / "thought" / f"{name}.txt").write_bytes(text.encode())
    for name in ("encode", "template", "tokenizer_json"):
        (seeds / name).mkdir(parents=True, exist_ok=True)
    for i, text in enumerate(TEXTS):
        (seeds / "encode" / f"{i}.txt").write_bytes(bytes([i]) + text.encode())
    for name, source in TEMPLATES.items():
        (seeds / "template" / f"{name}.jinja").write_text(source)
    for name, content in tokenizer_json():
        (seeds / "tokenizer_json" / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False))
    folder = seeds / "gguf"
    folder.mkdir(parents=True, exist_ok=True)
    tensors = [(f"t.{name}", [block, 2], number, 2 * size) for name, (number, block, size) in TYPES.items()]
    files = {"empty": gguf(3, [], []), "kinds": gguf(3, KINDS, []), "version2": gguf(2, KINDS[:3], tensors[:1]),
             "tensors": gguf(3, [], tensors), "vocabulary": gguf(3, VOCABULARY, []),
             "model": gguf(3, MODEL, [matrix("token_embd.weight", 8, 6), matrix("output_norm.weight", 8),
                                      matrix("output.weight", 8, 6), *layer(0, True), *layer(1, False)])}
    for name, data in files.items():
        (folder / f"{name}.gguf").write_bytes(data)


if __name__ == "__main__":
    main()
