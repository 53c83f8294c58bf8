"""Turns a trained model into a GGUF file of architecture deepseek2, and such a file back."""
import numpy as np
import torch

from . import conversation, gguf, q8
from .model import Config, Dense, Starter

DESCRIPTION = (
    "A DeepSeek-V3 in miniature that comes with Ponder, so that a first run needs no download. A practice model: "
    "it adds, subtracts and multiplies small numbers with its working shown, and knows next to nothing else."
)
CONTROL, NORMAL = 3, 1  # token types
SIGMOID = 2  # expert gating function


def metadata(c, words):
    """The file's keys for Config c and a Tokenizer."""
    ids = words.ids
    arch = {
        "block_count": c.layers, "context_length": c.context, "embedding_length": c.dim,
        "feed_forward_length": c.dense_ff, "leading_dense_block_count": c.dense_layers, "vocab_size": c.vocab,
        "attention.head_count": c.heads, "attention.head_count_kv": 1, "attention.layer_norm_rms_epsilon": c.eps,
        "attention.q_lora_rank": c.q_lora, "attention.kv_lora_rank": c.kv_lora,
        "attention.key_length": c.kv_lora + c.rope_dim, "attention.value_length": c.kv_lora,
        "attention.key_length_mla": c.nope_dim + c.rope_dim, "attention.value_length_mla": c.v_dim,
        "rope.dimension_count": c.rope_dim, "rope.freq_base": c.rope_base,
        "expert_count": c.experts, "expert_used_count": c.experts_used, "expert_shared_count": 1,
        "expert_feed_forward_length": c.expert_ff, "expert_weights_scale": c.route_scale, "expert_weights_norm": True,
        "expert_gating_func": SIGMOID,
    }
    special = len(conversation.SPECIAL)
    return {
        "general.architecture": "deepseek2", "general.type": "model", "general.name": "Ponder Starter",
        "general.author": "the Ponder project", "general.version": "1", "general.license": "apache-2.0",
        "general.description": DESCRIPTION, "general.languages": ["en"], "general.file_type": 7,
        "general.quantization_version": 2, "general.sampling.temp": 0.3, "general.sampling.top_p": 0.95,
        **{f"deepseek2.{key}": value for key, value in arch.items()},
        "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "deepseek-v3", "tokenizer.ggml.tokens": words.tokens,
        "tokenizer.ggml.token_type": [CONTROL] * special + [NORMAL] * (c.vocab - special),
        "tokenizer.ggml.merges": [" ".join(m) for m in words.merges],
        "tokenizer.ggml.bos_token_id": ids[conversation.BOS], "tokenizer.ggml.eos_token_id": ids[conversation.EOS],
        "tokenizer.ggml.padding_token_id": ids[conversation.PAD],
        "tokenizer.ggml.add_bos_token": True, "tokenizer.ggml.add_eos_token": False,
        "tokenizer.chat_template": conversation.TEMPLATE,
    }


def _slots(net):
    """[(GGUF name, tensor of the model that it holds, shape there)]: a tensor may be a view of a part."""
    c = net.c
    out = [("token_embd.weight", net.embed), ("output_norm.weight", net.norm), ("output.weight", net.head)]
    for i, block in enumerate(net.blocks):
        a, name = block.attn, f"blk.{i}.".__add__
        out += [
            (name("attn_norm.weight"), block.attn_norm), (name("ffn_norm.weight"), block.ffn_norm),
            (name("attn_q_a.weight"), a.q_a), (name("attn_q_a_norm.weight"), a.q_a_norm), (name("attn_q_b.weight"), a.q_b),
            (name("attn_kv_a_mqa.weight"), a.kv_a), (name("attn_kv_a_norm.weight"), a.kv_a_norm),
            (name("attn_k_b.weight"), a.k_b.view(c.heads, c.nope_dim, c.kv_lora).transpose(1, 2)),
            (name("attn_v_b.weight"), a.v_b.view(c.heads, c.v_dim, c.kv_lora)), (name("attn_output.weight"), a.out),
        ]
        dense = block.ffn if isinstance(block.ffn, Dense) else block.ffn.shared
        suffix = "" if dense is block.ffn else "_shexp"
        gate, up = dense.gate_up.chunk(2)
        out += [(name(f"ffn_gate{suffix}.weight"), gate), (name(f"ffn_up{suffix}.weight"), up),
                (name(f"ffn_down{suffix}.weight"), dense.down)]
        if dense is not block.ffn:
            gate, up = block.ffn.gate_up.chunk(2, 1)
            out += [(name("ffn_gate_inp.weight"), block.ffn.router), (name("exp_probs_b.bias"), block.ffn.bias),
                    (name("ffn_gate_exps.weight"), gate), (name("ffn_up_exps.weight"), up),
                    (name("ffn_down_exps.weight"), block.ffn.down)]
    return out


def write(path, net, words):
    """Norms, router and bias in F32, all else in Q8_0."""
    tensors = {}
    for name, tensor in _slots(net):
        array = tensor.detach().contiguous().numpy()
        if tensor.dim() == 1 or "gate_inp" in name:
            tensors[name] = (array.shape, gguf.F32, array.astype("<f4").tobytes())
        else:
            tensors[name] = (array.shape, gguf.Q8_0, q8.quantise(array))
    gguf.write(path, metadata(net.c, words), tensors)


@torch.no_grad()
def read(path):
    """(model with the file's rounded weights, metadata)."""
    meta, tensors = gguf.read(path)
    key = lambda name: meta["deepseek2." + name]
    c = Config(
        vocab=key("vocab_size"), dim=key("embedding_length"), layers=key("block_count"), dense_layers=key("leading_dense_block_count"),
        dense_ff=key("feed_forward_length"), heads=key("attention.head_count"), q_lora=key("attention.q_lora_rank"),
        kv_lora=key("attention.kv_lora_rank"), nope_dim=key("attention.key_length_mla") - key("rope.dimension_count"),
        rope_dim=key("rope.dimension_count"), v_dim=key("attention.value_length_mla"), experts=key("expert_count"),
        experts_used=key("expert_used_count"), expert_ff=key("expert_feed_forward_length"), route_scale=key("expert_weights_scale"),
        rope_base=key("rope.freq_base"), eps=key("attention.layer_norm_rms_epsilon"), context=key("context_length"))
    net = Starter(c).eval()
    for name, tensor in _slots(net):
        shape, kind, data = tensors[name]
        array = np.frombuffer(data, "<f4").reshape(shape).copy() if kind == gguf.F32 else q8.dequantise(data, shape)
        tensor.copy_(torch.from_numpy(array))
    return net, meta
