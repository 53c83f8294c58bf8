#!/usr/bin/env python3
"""Makes the golden models: tiny random DeepSeeks as GGUF, with the logits that Hugging Face computes for them.

    python3 make_golden.py OUT [--llama-quantize PROGRAM --llama-logits PROGRAM]

needs torch and transformers (5.x); for each variant it writes NAME.gguf, NAME.f32 (logits, float32 [tokens, vocab]) and
NAME.json (tokens; experts chosen by each routed layer for the last token). With the two programs of llama.cpp it also
makes the quantised variants (one of them with all the types that the others lack): NAME.f32 then holds the exact logits of the quantised file (llama.cpp's, of the file turned
back to F32) and the JSON tells how far llama.cpp's own quantised arithmetic is from them.
"""
import argparse
import json
import pathlib
import struct
import subprocess
import sys

import numpy as np
import torch
import transformers

import gguf_writer

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from random_weights import random_weights  # noqa: E402

CONTEXT = 1280
YARN = {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 40.0, "original_max_position_embeddings": 32,
        "beta_fast": 32.0, "beta_slow": 1.0, "mscale": 0.707, "mscale_all_dim": 0.707}
SMALL = dict(vocab_size=96, hidden_size=64, num_hidden_layers=3, first_k_dense_replace=1, num_attention_heads=4,
             q_lora_rank=32, kv_lora_rank=32, qk_nope_head_dim=32, qk_rope_head_dim=8, v_head_dim=16, n_routed_experts=8,
             num_experts_per_tok=3, n_group=4, topk_group=2, moe_intermediate_size=16, intermediate_size=48, n_shared_experts=1)
# Rows of 256, which the K-quants need.
WIDE = dict(SMALL, hidden_size=256, num_hidden_layers=2, q_lora_rank=256, kv_lora_rank=256, v_head_dim=64, n_routed_experts=3,
            num_experts_per_tok=2, n_group=1, topk_group=1, moe_intermediate_size=256, intermediate_size=256)
VARIANTS = {
    "v3_yarn": dict(version=3, yarn=True, store="F32"),
    "v3_unsplit": dict(version=3, layout="unsplit", store="F16"),
    "v3_both_fused_tied": dict(version=3, layout="both", fused=True, tied=True, store="F16"),
    "v2_groups": dict(version=2, store="BF16", shape=dict(n_shared_experts=2)),
    "v2_lite": dict(version=2, store="F16", bare=True, shape=dict(q_lora_rank=None, n_group=1, topk_group=1)),
}
# A type for every matrix with rows of 256, so that one file has them all.
MIXED = {"blk.0.attn_q_a": "iq1_s", "blk.0.attn_q_b": "iq1_m", "blk.0.attn_kv_a_mqa": "iq2_s", "blk.0.attn_v_b": "q2_k",
         "blk.0.attn_output": "q3_k", "blk.0.ffn_gate": "iq2_xxs", "blk.0.ffn_up": "iq2_xs", "blk.0.ffn_down": "iq3_xxs",
         "blk.1.attn_q_a": "q4_1", "blk.1.attn_q_b": "q5_1", "blk.1.attn_kv_a_mqa": "q5_0", "blk.1.attn_v_b": "q5_k",
         "blk.1.attn_output": "q4_0", "blk.1.ffn_gate_exps": "mxfp4", "blk.1.ffn_up_exps": "iq4_xs", "blk.1.ffn_down_exps": "iq3_s",
         "blk.1.ffn_gate_shexp": "iq4_nl", "blk.1.ffn_up_shexp": "tq2_0", "blk.1.ffn_down_shexp": "tq1_0"}
QUANTISED = {"v3_q8_0": "Q8_0", "v3_q4_k": "Q4_K", "v3_q6_k": "Q6_K"}


def build(version, seed, store, shape=None, yarn=False, tied=False, wide=False, **_):
    """A model whose weights are exactly what `store` can hold, as calm as a trained one: small branches, a sure router."""
    shape = {**(WIDE if wide else SMALL), **(shape or {})}
    rope = dict(YARN) if yarn else {"rope_type": "default", "rope_theta": 10000.0}
    common = dict(max_position_embeddings=CONTEXT, rope_parameters=rope, num_key_value_heads=shape["num_attention_heads"],
                  tie_word_embeddings=tied, bos_token_id=0, eos_token_id=1, pad_token_id=2, **shape)
    if version == 3:
        config = transformers.DeepseekV3Config(routed_scaling_factor=2.5, norm_topk_prob=True, **common)
        model = transformers.DeepseekV3ForCausalLM(config)
    else:
        grouped = shape["n_group"] > 1
        config = transformers.DeepseekV2Config(topk_method="group_limited_greedy" if grouped else "greedy", norm_topk_prob=False,
                                               routed_scaling_factor=4.0 if grouped else 1.0, **common)
        model = transformers.DeepseekV2ForCausalLM(config)
        for layer in model.model.layers[config.first_k_dense_replace:]:
            layer.mlp.num_experts = config.n_routed_experts  # left out by transformers 5.12, which then fails
    model = model.float().eval()
    with torch.no_grad():
        for name, values, wanted in random_weights(model, seed):
            exact = store == "F32" or values.ndim == 1 or "mlp.gate.weight" in name
            values.copy_(wanted if exact else wanted.to(torch.float16 if store == "F16" else torch.bfloat16).float())
    return model, config


def metadata(config, version, seed, layout="split", yarn=False, bare=False, **_):
    key = config.qk_nope_head_dim + config.qk_rope_head_dim
    split = layout == "split"
    values = {
        "block_count": config.num_hidden_layers, "context_length": CONTEXT, "embedding_length": config.hidden_size,
        "feed_forward_length": config.intermediate_size, "attention.head_count": config.num_attention_heads,
        "attention.head_count_kv": 1 if split else config.num_attention_heads, "rope.freq_base": 10000.0,
        "attention.layer_norm_rms_epsilon": float(config.rms_norm_eps), "rope.dimension_count": config.qk_rope_head_dim,
        "attention.kv_lora_rank": config.kv_lora_rank, "leading_dense_block_count": config.first_k_dense_replace,
        "attention.key_length": config.kv_lora_rank + config.qk_rope_head_dim if split else key,
        "attention.value_length": config.kv_lora_rank if split else config.v_head_dim,
        "expert_count": config.n_routed_experts, "expert_used_count": config.num_experts_per_tok,
        "expert_feed_forward_length": config.moe_intermediate_size, "expert_shared_count": config.n_shared_experts,
        "expert_weights_scale": float(config.routed_scaling_factor), "vocab_size": config.vocab_size,
    }
    if split:
        values.update({"attention.key_length_mla": key, "attention.value_length_mla": config.v_head_dim})
    if config.q_lora_rank:
        values["attention.q_lora_rank"] = config.q_lora_rank
    if not bare:  # older files of V2 leave these out
        values.update({"expert_weights_norm": version == 3, "expert_gating_func": 2 if version == 3 else 1,
                       "expert_group_count": config.n_group, "expert_group_used_count": config.topk_group})
    if yarn:
        values.update({"rope.scaling.type": "yarn", "rope.scaling.factor": YARN["factor"],
                       "rope.scaling.original_context_length": YARN["original_max_position_embeddings"],
                       "rope.scaling.yarn_log_multiplier": 0.1 * YARN["mscale_all_dim"]})
    tokens = [f"<{i}>" for i in range(config.vocab_size)]
    return {"general.architecture": "deepseek2", "general.name": f"golden-{seed}", "general.file_type": 0,
            **{f"deepseek2.{name}": value for name, value in values.items()},
            "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "deepseek-v3", "tokenizer.ggml.tokens": tokens,
            "tokenizer.ggml.token_type": [1] * len(tokens), "tokenizer.ggml.merges": ["< 1"],
            "tokenizer.ggml.bos_token_id": 0, "tokenizer.ggml.eos_token_id": 1}


def tensors(model, config, version, store, layout="split", fused=False, tied=False, **_):
    state = {name: value.detach().float().numpy() for name, value in model.state_dict().items()}
    out = {}

    def put(name, values, kind=store):
        out[name] = (values, "F32" if values.ndim == 1 else kind)

    put("token_embd.weight", state["model.embed_tokens.weight"])
    put("output_norm.weight", state["model.norm.weight"])
    if not tied:
        put("output.weight", state["lm_head.weight"])
    for i in range(config.num_hidden_layers):
        source, block = f"model.layers.{i}.", f"blk.{i}."
        names = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "attn_output": "self_attn.o_proj",
                 "attn_kv_a_mqa": "self_attn.kv_a_proj_with_mqa", "attn_kv_a_norm": "self_attn.kv_a_layernorm"}
        names.update({"attn_q_a": "self_attn.q_a_proj", "attn_q_a_norm": "self_attn.q_a_layernorm", "attn_q_b": "self_attn.q_b_proj"}
                     if config.q_lora_rank else {"attn_q": "self_attn.q_proj"})
        dense = i < config.first_k_dense_replace
        for part in ("gate", "up", "down"):
            names[f"ffn_{part}" + ("" if dense else "_shexp")] = f"mlp.{'' if dense else 'shared_experts.'}{part}_proj"
        for gguf, name in names.items():
            put(f"{block}{gguf}.weight", state[f"{source}{name}.weight"])
        both = state[source + "self_attn.kv_b_proj.weight"]
        heads = both.reshape(config.num_attention_heads, config.qk_nope_head_dim + config.v_head_dim, config.kv_lora_rank)
        keys, values = heads[:, :config.qk_nope_head_dim].transpose(0, 2, 1), heads[:, config.qk_nope_head_dim:]
        if layout in ("unsplit", "both"):
            put(block + "attn_kv_b.weight", both)
        if layout == "both":  # ik_llama.cpp's converter: flat, in addition to the whole
            keys, values = keys.reshape(-1, config.qk_nope_head_dim), values.reshape(-1, config.kv_lora_rank)
        if layout != "unsplit":
            put(block + "attn_k_b.weight", keys)
            put(block + "attn_v_b.weight", values)
        if dense:
            continue
        put(block + "ffn_gate_inp.weight", state[source + "mlp.gate.weight"], "F32")
        if version == 3:
            put(block + "exp_probs_b.bias", state[source + "mlp.gate.e_score_correction_bias"])
        gate_up, width = state[source + "mlp.experts.gate_up_proj"], config.moe_intermediate_size
        if fused:
            put(block + "ffn_gate_up_exps.weight", gate_up)
        else:
            put(block + "ffn_gate_exps.weight", gate_up[:, :width])
            put(block + "ffn_up_exps.weight", gate_up[:, width:])
        put(block + "ffn_down_exps.weight", state[source + "mlp.experts.down_proj"])
    return out


def evaluate(model, tokens):
    """Logits, and for each routed layer the experts of the last token."""
    chosen = {}
    for i, layer in enumerate(model.model.layers):
        route = getattr(layer.mlp, "route_tokens_to_experts", None)
        if route is not None:
            def note(*args, _route=route, _layer=i, **named):
                result = _route(*args, **named)
                chosen[_layer] = sorted(result[0][-1].tolist())
                return result
            layer.mlp.route_tokens_to_experts = note
    with torch.no_grad():
        logits = model(torch.tensor([tokens])).logits[0].float().numpy()
    return logits, chosen


def distance(a, b):
    return float(np.linalg.norm(a.astype(np.float64) - b) / np.linalg.norm(b.astype(np.float64)))


def save(out, name, tokens, logits, **more):
    logits.astype(np.float32).tofile(out / f"{name}.f32")
    (out / f"{name}.json").write_text(json.dumps({"tokens": tokens, **more}) + "\n")


def write_importance(path, tensors):
    """An importance matrix (llama.cpp's older format) that holds all columns to be alike; the lowest types ask for one."""
    with open(path, "wb") as file:
        matrices = {name: values for name, (values, _) in tensors.items() if values.ndim > 1}
        file.write(struct.pack("<i", len(matrices)))
        for name, values in matrices.items():
            columns = values.shape[-1] * (values.shape[0] if values.ndim == 3 else 1)
            file.write(struct.pack("<i", len(name)) + name.encode() + struct.pack("<ii", 1, columns))
            np.ones(columns, np.float32).tofile(file)
        file.write(struct.pack("<ii", 1, 4) + b"none")


def some_tokens(count, vocab, seed):
    return [0] + torch.randint(3, vocab, (count - 1,), generator=torch.Generator().manual_seed(seed)).tolist()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--llama-quantize")
    parser.add_argument("--llama-logits", help="llama_logits MODEL TOKENS.i32 LOGITS.f32")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for seed, (name, variant) in enumerate(VARIANTS.items(), 11):
        model, config = build(seed=seed, **variant)
        tokens = some_tokens(40, config.vocab_size, seed)
        logits, chosen = evaluate(model, tokens)
        gguf_writer.write(args.out / f"{name}.gguf", metadata(config, seed=seed, **variant), tensors(model, config, **variant))
        save(args.out, name, tokens, logits, experts=chosen)
    if not args.llama_quantize:
        return
    wide = dict(version=3, store="F32", wide=True, yarn=True)
    model, config = build(seed=31, **wide)
    tokens = some_tokens(64, config.vocab_size, 31)
    work = args.out / "work"
    work.mkdir(exist_ok=True)
    source, token_file, logit_file = work / "source.gguf", work / "tokens.i32", work / "logits.f32"
    gguf_writer.write(source, metadata(config, seed=31, **wide), tensors(model, config, **wide))
    np.array(tokens, np.int32).tofile(token_file)

    def llama(path):
        subprocess.run([args.llama_logits, path, token_file, logit_file], check=True)
        return np.fromfile(logit_file, np.float32).reshape(len(tokens), -1)

    print("llama.cpp from Hugging Face, F32:", distance(llama(source), evaluate(model, tokens)[0]))
    importance = work / "importance.dat"
    write_importance(importance, tensors(model, config, **wide))
    mixed = ["--imatrix", importance]
    for name, kind in MIXED.items():
        mixed += ["--tensor-type", f"{name}={kind}"]
    # --pure: every matrix whose rows allow it in this one type
    options = {name: (["--pure"], kind) for name, kind in QUANTISED.items()} | {"v3_mixed": (mixed, "Q8_0")}
    for name, (option, kind) in options.items():
        path, exact = args.out / f"{name}.gguf", work / "exact.gguf"
        quiet = dict(check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run([args.llama_quantize, *option, source, path, kind], **quiet)
        subprocess.run([args.llama_quantize, "--allow-requantize", path, exact, "F32"], **quiet)
        truth = llama(exact)
        far = distance(llama(path), truth)
        save(args.out, name, tokens, truth, llama_distance=far)
        print(name, path.stat().st_size, "llama.cpp's distance", far)


if __name__ == "__main__":
    main()
