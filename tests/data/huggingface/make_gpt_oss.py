#!/usr/bin/env python3
"""Writes gpt-oss's golden model as the folder that OpenAI publishes: experts in MXFP4 as Hugging Face orders it.

    python3 make_gpt_oss.py ../golden/gpt_oss_mxfp4.gguf OUT

needs Python alone. The weights are those of the GGUF to the bit, so its logits, which Hugging Face computed, are those
of OUT/gpt_oss_mxfp4 too. There, byte k of a block holds the numbers 2k and 2k + 1 where GGUF's holds k and k + 16, scales
are a tensor of their own, and the rows of gate and up come by turns.
"""
import json
import pathlib
import struct
import sys

SIZES = {"B": 1, "b": 1, "H": 2, "h": 2, "I": 4, "i": 4, "f": 4, "?": 1, "Q": 8, "q": 8, "d": 8}
KINDS = "BbHhIif?"
BLOCK_BYTES = {0: (1, 4), 1: (1, 2), 30: (1, 2), 39: (32, 17)}  # weights and bytes of a block
DTYPES = {0: "F32", 1: "F16", 30: "BF16"}
PLAIN = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight", "output.weight": "lm_head.weight"}
LAYER = {
    "attn_norm.weight": "input_layernorm.weight", "post_attention_norm.weight": "post_attention_layernorm.weight",
    "attn_sinks.weight": "self_attn.sinks", "ffn_gate_inp.weight": "mlp.router.weight", "ffn_gate_inp.bias": "mlp.router.bias",
    "ffn_down_exps.bias": "mlp.experts.down_proj_bias",
    **{f"attn_{short}.{kind}": f"self_attn.{long}_proj.{kind}" for short, long in
       (("q", "q"), ("k", "k"), ("v", "v"), ("output", "o")) for kind in ("weight", "bias")},
}


class Gguf:
    def __init__(self, path):
        self.data, self.at = path.read_bytes(), 8
        tensors, entries = self.take("Q"), self.take("Q")
        self.metadata = {self.text(): self.value(self.take("I")) for _ in range(entries)}
        infos = []
        for _ in range(tensors):
            name, shape = self.text(), [self.take("Q") for _ in range(self.take("I"))]
            infos.append((name, shape, self.take("I"), self.take("Q")))
        start = -(-self.at // 32) * 32
        self.tensors = {}
        for name, shape, kind, offset in infos:
            weights = 1
            for n in shape:
                weights *= n
            each, size = BLOCK_BYTES[kind]
            self.tensors[name] = (kind, shape, self.data[start + offset:start + offset + weights // each * size])

    def take(self, kind):
        (value,) = struct.unpack_from("<" + kind, self.data, self.at)
        self.at += SIZES[kind]
        return value

    def text(self):
        length = self.take("Q")
        self.at += length
        return self.data[self.at - length:self.at].decode()

    def value(self, kind):
        if kind == 8:
            return self.text()
        if kind == 9:
            kind, count = self.take("I"), self.take("Q")
            return [self.value(kind) for _ in range(count)]
        return self.take(KINDS[kind])


def blocks_of(data):
    """GGUF's blocks as Hugging Face's numbers, and the scales."""
    numbers, scales = bytearray(), bytearray()
    for at in range(0, len(data), 17):
        scales.append(data[at])
        packed = data[at + 1:at + 17]
        values = [b & 15 for b in packed] + [b >> 4 for b in packed]
        numbers += bytes(values[2 * k] | values[2 * k + 1] << 4 for k in range(16))
    return bytes(numbers), bytes(scales)


def by_turns(first, second, row):
    """Rows of two matrices by turns: the first of each, the second of each, …"""
    return b"".join(first[at:at + row] + second[at:at + row] for at in range(0, len(first), row))


def convert(gguf):
    """name: (dtype, shape, bytes)"""
    out = {}
    for name, (kind, shape, data) in gguf.tensors.items():
        if name in PLAIN:
            out[PLAIN[name]] = (DTYPES[kind], shape[::-1], data)
            continue
        _, number, part = name.split(".", 2)
        layer = f"model.layers.{number}."
        if part in LAYER:
            out[layer + LAYER[part]] = (DTYPES[kind], shape[::-1], data)
    for number in range(gguf.metadata["gpt-oss.block_count"]):
        block, experts = f"blk.{number}.", f"model.layers.{number}.mlp.experts."
        _, (columns, rows, count), gate = gguf.tensors[block + "ffn_gate_exps.weight"]
        up = gguf.tensors[block + "ffn_up_exps.weight"][2]
        numbers, scales = blocks_of(by_turns(gate, up, columns // 32 * 17))
        out[experts + "gate_up_proj_blocks"] = ("U8", [count, 2 * rows, columns // 32, 16], numbers)
        out[experts + "gate_up_proj_scales"] = ("U8", [count, 2 * rows, columns // 32], scales)
        gate, up = (gguf.tensors[block + f"ffn_{which}_exps.bias"] for which in ("gate", "up"))
        assert gate[0] == 0
        out[experts + "gate_up_proj_bias"] = ("F32", [count, 2 * rows], by_turns(gate[2], up[2], 4))
        _, (columns, rows, count), down = gguf.tensors[block + "ffn_down_exps.weight"]
        numbers, scales = blocks_of(down)
        out[experts + "down_proj_blocks"] = ("U8", [count, rows, columns // 32, 16], numbers)
        out[experts + "down_proj_scales"] = ("U8", [count, rows, columns // 32], scales)
    return out


def config(metadata):
    def of(key):
        return metadata["gpt-oss." + key]

    def rounded(key):
        return float(f"{of(key):.6g}")

    return {
        "architectures": ["GptOssForCausalLM"], "model_type": "gpt_oss", "attention_bias": True, "hidden_act": "silu",
        "hidden_size": of("embedding_length"), "num_hidden_layers": of("block_count"), "head_dim": of("attention.key_length"),
        "num_attention_heads": of("attention.head_count"), "num_key_value_heads": of("attention.head_count_kv"),
        "intermediate_size": of("expert_feed_forward_length"), "num_local_experts": of("expert_count"),
        "num_experts_per_tok": of("expert_used_count"), "experts_per_token": of("expert_used_count"),
        "max_position_embeddings": of("context_length"), "rms_norm_eps": rounded("attention.layer_norm_rms_epsilon"),
        "sliding_window": of("attention.sliding_window"),
        "layer_types": [("sliding_attention", "full_attention")[i % 2] for i in range(of("block_count"))],
        "rope_theta": rounded("rope.freq_base"), "swiglu_limit": 7.0, "tie_word_embeddings": False,
        "rope_scaling": {"rope_type": "yarn", "factor": rounded("rope.scaling.factor"), "beta_fast": 32.0, "beta_slow": 1.0,
                         "original_max_position_embeddings": of("rope.scaling.original_context_length"), "truncate": False},
        "quantization_config": {"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn", "lm_head"]},
    }


def main():
    gguf = Gguf(pathlib.Path(sys.argv[1]))
    folder = pathlib.Path(sys.argv[2]) / "gpt_oss_mxfp4"
    folder.mkdir(parents=True, exist_ok=True)
    tensors = convert(gguf)
    values = config(gguf.metadata)
    values["vocab_size"] = tensors["lm_head.weight"][1][0]
    (folder / "config.json").write_text(json.dumps(values, indent=1) + "\n")
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (folder / "model.safetensors").write_bytes(
        struct.pack("<Q", len(text)) + text + b"".join(data for _, _, data in tensors.values()))


if __name__ == "__main__":
    main()
