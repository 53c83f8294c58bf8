#!/usr/bin/env python3
"""Makes tests/fuzz/seeds: small whole GGUF files, one of each shape that the reader knows, Hugging Face folders, answers
with a thought (after a byte that says how they are cut), thoughts with sums, texts (after one that chooses a rule), chat templates,
tokenizer.json files, token statistics (after a byte that chooses what is done with them).

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


def safetensors(tensors):
    """tensors: (name, type, shape, bytes of data)."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, kind, shape, size in tensors:
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + size]}
        data += bytes(size)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def weights(fp8, **shapes):
    """Matrices as FP8 with their scales, or F32; "/" stands for "." in the names."""
    tensors = []
    for name, shape in shapes.items():
        name, count = name.replace("/", "."), 1
        for length in shape:
            count *= length
        if fp8 and len(shape) == 2 and "proj" in name:
            tensors += [(name, "F8_E4M3", shape, count), (name + "_scale_inv", "F32", [1, 1], 4)]
        else:
            tensors.append((name, "F32", shape, 4 * count))
    return tensors


def folder_layer(number, dense):
    at, parts = f"model/layers/{number}/", ("gate", "up", "down")
    shapes = {"input_layernorm": [8], "post_attention_layernorm": [8], "self_attn/q_proj": [12, 8],
              "self_attn/kv_a_proj_with_mqa": [10, 8], "self_attn/kv_a_layernorm": [8], "self_attn/kv_b_proj": [16, 8],
              "self_attn/o_proj": [8, 8]}
    names = ["mlp/"] if dense else ["mlp/shared_experts/", "mlp/experts/0/", "mlp/experts/1/"]
    shapes.update({f"{name}{part}_proj": [8, 8] for name in names for part in parts})
    if not dense:
        shapes["mlp/gate"] = [2, 8]
    return {f"{at}{name}/weight": shape for name, shape in shapes.items()}


FOLDER_CONFIG = {"num_hidden_layers": 2, "max_position_embeddings": 64, "hidden_size": 8, "intermediate_size": 8,
                 "num_attention_heads": 2, "num_key_value_heads": 2, "vocab_size": 6, "rms_norm_eps": 1e-6}
DEEPSEEK_CONFIG = {**FOLDER_CONFIG, "architectures": ["DeepseekV3ForCausalLM"], "kv_lora_rank": 8, "qk_nope_head_dim": 4,
                   "qk_rope_head_dim": 2, "v_head_dim": 4, "first_k_dense_replace": 1, "n_routed_experts": 2,
                   "num_experts_per_tok": 1, "n_shared_experts": 1, "moe_intermediate_size": 8, "n_group": 1, "topk_group": 1,
                   "rope_scaling": {"type": "yarn", "factor": 2, "original_max_position_embeddings": 32, "mscale": 1.0,
                                    "mscale_all_dim": 1.0},
                   "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]}}
LLAMA_CONFIG = {**FOLDER_CONFIG, "architectures": ["LlamaForCausalLM"], "num_hidden_layers": 1, "tie_word_embeddings": True,
                "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                 "original_max_position_embeddings": 32}}
INDEX = {"metadata": {}, "weight_map": {"lm_head.weight": "model-00001-of-00001.safetensors"}}


def write_folders(seeds):
    ends = {"model/embed_tokens/weight": [6, 8], "model/norm/weight": [8], "lm_head/weight": [6, 8]}
    deepseek = weights(True, **ends, **folder_layer(0, True), **folder_layer(1, False))
    llama = weights(False, **ends, **{f"model/layers/0/{name}/weight": shape for name, shape in {
        "input_layernorm": [8], "post_attention_layernorm": [8], "self_attn/q_proj": [8, 8], "self_attn/k_proj": [8, 8],
        "self_attn/v_proj": [8, 8], "self_attn/o_proj": [8, 8], "mlp/gate_proj": [8, 8], "mlp/up_proj": [8, 8],
        "mlp/down_proj": [8, 8]}.items()})
    for kind in ("folder", "safetensors"):
        (seeds / kind).mkdir(parents=True, exist_ok=True)
    for name, config, tensors in (("deepseek", DEEPSEEK_CONFIG, deepseek), ("llama", LLAMA_CONFIG, llama)):
        texts = b"\0".join(json.dumps(text).encode() for text in (config, INDEX))
        (seeds / "folder" / name).write_bytes(texts + b"\0" + safetensors(tensors))
    (seeds / "safetensors" / "model.safetensors").write_bytes(safetensors(llama[:3]))
    kinds = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E8M0": 1, "I64": 8, "U8": 1, "BOOL": 1}
    (seeds / "safetensors" / "kinds.safetensors").write_bytes(safetensors(
        [(kind.lower(), kind, [2, 3], 6 * size) for kind, size in kinds.items()] + [("one", "F32", [], 4)]))


def varint(number):
    low = bytes([number & 0x7f | (0x80 if number > 0x7f else 0)])
    return low + varint(number >> 7) if number > 0x7f else low


def planes(numbers, size):
    return b"".join(bytes(number >> (8 * byte) & 0xff for number in numbers) for byte in range(size))


def token_statistics(before, rows, texts):
    """Version 1. rows: (rank or 5, part and tag, [(index, level)] of alternatives, (index, level) where the rank is 5,
    entropy, milliseconds, bytes of the thought, bytes of the answer); texts: (id, bytes)."""
    out = bytes([1]) + b"".join(varint(number) for number in (len(rows), len(texts), *before))
    out += bytes(row[0] | len(row[2]) << 3 | row[1] for row in rows)
    columns = [[row[3] for row in rows if row[0] == 5]]
    for rank in range(5):
        columns.append([(row[2][rank][0], row[2][rank][1] - (row[2][rank - 1][1] if rank else 0) & 0xffff)
                        for row in rows if len(row[2]) > rank])
    for column in columns:
        out += planes([index for index, _ in column], 1) + planes([level for _, level in column], 2)
    out += planes([row[4] for row in rows], 2)
    for place in (5, 6, 7):
        out += b"".join(varint(row[place]) for row in rows)
    return out + planes([number for number, _ in texts], 4) + b"".join(varint(len(text)) for _, text in texts) \
        + b"".join(text for _, text in texts)


STATISTICS = {
    "empty": token_statistics((0, 0), [], []),
    "one": token_statistics((0, 3), [(0, 0x40, [(0, 12)], None, 100, 300, 0, 2)], [(7, b"no")]),
    "some": token_statistics((0, 0), [
        (5, 0x80, [], (0, 3), 0, 1200, 0, 0), (0, 0, [(1, 5), (2, 2000), (3, 3000), (4, 3500), (5, 4096)], None, 40, 60, 5, 0),
        (4, 0, [(2, 900), (3, 1000), (4, 1100), (5, 1200), (1, 1300)], None, 2100, 61, 5, 0),
        (5, 0x40, [(1, 10), (2, 2000)], (6, 4000), 30, 200, 1, 300)],
        [(128798, b"<think>"), (19, b"Seven"), (20, b"\xe4\xbd"), (21, b""), (22, b" and"), (-1, b"."), (23, b"\xff")]),
}


# A byte that chooses the language and how the text is cut; then the thought, the answer and the question.
REASONING = [
    "\x01Okay, the problem says 12 apples.\n\n3 apples + 4 apples = 8 apples\n\nWait, 2 * (3 + 4) = 14 ≈ 14.0\n\n"
    "So the answer is 14.\x01\\boxed{15}\x01How many apples?",
    "\x05\\[ \\frac{1}{2} + \\sqrt[3]{8} \\cdot 2^{10} = \\binom{5}{2} \\] \\left( 3 \\right)! \\pmod{7} \\approx 0.333...",
    "\x03三乘以四等于十三，所以答案是13。\x01答案：13\x01三乘以四是多少？",
    "\x02drei mal vier ist dreizehn. 3,5 + 1.234,5 = 6\x01Die Antwort ist 12\x01Wie viel?",
    "}  12\n+ 13\n----\n  26\n\n5*x = 3000\nx = 60\n\n20% of 50 is 11, sin(30°) + ln 2 = 1, 10^9^9 = 2, 17 mod 5 = 3",
    "\x10" + "The same words again. " * 80 + "\"strawberry\" has 2 r's. 1. 2. 3.",
]


def main():
    seeds = Path(__file__).resolve().parent / "seeds"
    (seeds / "thought").mkdir(parents=True, exist_ok=True)
    for name, text in THOUGHTS.items():
        (seeds / "thought" / f"{name}.txt").write_bytes(text.encode())
    (seeds / "reasoning").mkdir(parents=True, exist_ok=True)
    for i, text in enumerate(REASONING):
        (seeds / "reasoning" / f"{i}.txt").write_bytes(text.encode())
    for name in ("encode", "template", "token_statistics", "tokenizer_json"):
        (seeds / name).mkdir(parents=True, exist_ok=True)
    for i, text in enumerate(TEXTS):
        (seeds / "encode" / f"{i}.txt").write_bytes(bytes([i]) + text.encode())
    for name, content in STATISTICS.items():
        for choice in (0, 1):
            (seeds / "token_statistics" / f"{name}{choice}").write_bytes(bytes([choice]) + content)
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
    write_folders(seeds)


if __name__ == "__main__":
    main()
