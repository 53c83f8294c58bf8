"""A model that writes a script: each piece of a script is a token, and every token is followed by the next."""

import struct

CHATML = ("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
          "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
_STRING, _ARRAY = 8, 9


def _text(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _alphabet():
    """The printable stand-ins that byte-level vocabularies write bytes with."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = (chr(256 + i) for i in range(256))
    return [chr(byte) if byte in plain else next(others) for byte in range(256)]


def _written(text, alphabet=_alphabet()):
    return "".join(alphabet[byte] for byte in text.encode())


def make(path, script, template=CHATML, context=4096,
         special=("<|im_start|>", "<|im_end|>", "<think>", "</think>"), name="Puppet"):
    """Writes a GGUF of one layer that answers anything with `script`, greedily: a list of texts, each a token of its
    own and none twice; those in `special` are special tokens. The last of the prompt must be a line end."""
    tokens = [_written(chr(byte)) if byte < 128 else _alphabet()[byte] for byte in range(256)]
    tokens += special
    ids = []
    for piece in script:
        if piece not in special and _written(piece) not in tokens:
            tokens.append(_written(piece))
        ids.append(tokens.index(piece if piece in special else _written(piece)))
    count = len(tokens)
    width = -(-count // 64) * 64
    follow = dict(zip([tokens.index(_written("\n")), *ids], [*ids, tokens.index("<|im_end|>")]))
    embedding, output = bytearray(count * width * 4), bytearray(count * width * 4)
    for token in range(count):
        struct.pack_into("<f", embedding, (token * width + token) * 4, 1)
        if token in follow:
            struct.pack_into("<f", output, (follow[token] * width + token) * 4, 4)
    ones = struct.pack("<f", 1) * width
    layer = [("attn_norm.weight", [width], ones), ("ffn_norm.weight", [width], ones)]
    for letter in "qkv":
        layer += [(f"attn_{letter}.weight", [width, width], None), (f"attn_{letter}.bias", [width], None)]
    layer += [("attn_output.weight", [width, width], None), ("ffn_gate.weight", [width, 64], None),
              ("ffn_up.weight", [width, 64], None), ("ffn_down.weight", [64, width], None)]
    tensors = [("token_embd.weight", [width, count], bytes(embedding)), ("output_norm.weight", [width], ones),
               ("output.weight", [width, count], bytes(output))]
    tensors += [("blk.0." + where, shape, data) for where, shape, data in layer]

    def number(key, value):
        return _text(key) + struct.pack("<II", 4, value)

    def string(key, value):
        return _text(key) + struct.pack("<I", _STRING) + _text(value)

    kinds = [1] * 256 + [3] * len(special) + [1] * (count - 256 - len(special))
    pairs = [
        string("general.architecture", "qwen2"), string("general.name", name),
        number("qwen2.block_count", 1), number("qwen2.context_length", context),
        number("qwen2.embedding_length", width), number("qwen2.feed_forward_length", 64),
        number("qwen2.attention.head_count", width // 64), number("qwen2.attention.head_count_kv", width // 64),
        _text("qwen2.attention.layer_norm_rms_epsilon") + struct.pack("<If", 6, 1e-6),
        _text("qwen2.rope.freq_base") + struct.pack("<If", 6, 10000),
        string("tokenizer.ggml.model", "gpt2"), string("tokenizer.ggml.pre", "qwen2"),
        _text("tokenizer.ggml.tokens") + struct.pack("<IIQ", _ARRAY, _STRING, count)
        + b"".join(_text(token) for token in tokens),
        _text("tokenizer.ggml.token_type") + struct.pack(f"<IIQ{count}i", _ARRAY, 5, count, *kinds),
        _text("tokenizer.ggml.merges") + struct.pack("<IIQ", _ARRAY, _STRING, 0),
        _text("tokenizer.ggml.add_bos_token") + struct.pack("<I?", 7, False),
        number("tokenizer.ggml.eos_token_id", tokens.index("<|im_end|>")),
        string("tokenizer.chat_template", template),
    ]
    header = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(pairs)) + b"".join(pairs)
    body = b""
    for where, shape, data in tensors:
        size = 4
        for dimension in shape:
            size *= dimension
        header += _text(where) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, len(body))
        body += (data or bytes(size)).ljust(-(-size // 32) * 32, b"\0")
    with open(path, "wb") as file:
        file.write(header.ljust(-(-len(header) // 32) * 32, b"\0") + body)
