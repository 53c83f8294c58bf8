#!/usr/bin/env python3
"""Makes small random models of other families than DeepSeek's, and what Hugging Face's code computes for them.

    python3 make_families.py OUT [--llama-logits PROGRAM] [--only NAME] [--accuracy]

needs torch and transformers (5.x). For each variant it writes NAME.gguf, NAME.f32 and NAME.json as make_golden.py does.
With llama.cpp's program it also says how far llama.cpp is from Hugging Face (it rounds gpt-oss's YaRN range, Hugging Face
does not; it does not load Qwen3-MoE with a dense layer). --accuracy makes what tests/accuracy/measure.py takes instead:
OUT/gpt-oss with model.gguf in F32, of rows that every quantisation fits, and golden.npz.
"""
import argparse
import pathlib
import subprocess

import numpy as np
import torch
import transformers

import gguf_writer
from make_golden import distance, save, some_tokens

CONTEXT = 1280
VOCABULARY = 96
COMMON = dict(vocab_size=VOCABULARY, max_position_embeddings=CONTEXT, bos_token_id=0, eos_token_id=1, pad_token_id=2)
PLAIN = {"rope_type": "default", "rope_theta": 10000.0}
LLAMA3 = {"rope_type": "llama3", "rope_theta": 50000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 64}
YARN = {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 16,
        "beta_fast": 32.0, "beta_slow": 1.0}
OPENAI = dict(YARN, rope_theta=150000.0, factor=32.0, original_max_position_embeddings=64, truncate=False)


def shape(hidden, heads, kv_heads, head_dim, width, layers=2, rope=PLAIN, **more):
    return dict(hidden_size=hidden, num_attention_heads=heads, num_key_value_heads=kv_heads, head_dim=head_dim,
                intermediate_size=width, num_hidden_layers=layers, rope_parameters=dict(rope), **more)


VARIANTS = {
    # Llama 3.1's stretched positions (rope_freqs.weight).
    "llama": dict(arch="llama", store="F16", shape=shape(64, 8, 2, 8, 72, rope=LLAMA3)),
    # Three heads over one, no width a multiple of 32, biases everywhere, the head is the embedding.
    "llama_odd_tied": dict(arch="llama", store="F32", shape=shape(45, 3, 1, 40, 52, attention_bias=True, mlp_bias=True,
                                                                  tie_word_embeddings=True)),
    "llama_linear": dict(arch="llama", store="F16", shape=shape(48, 4, 4, 12, 40, rope={
        "rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0})),
    "qwen2_yarn": dict(arch="qwen2", store="F16", shape=shape(64, 4, 2, 16, 80, rope=YARN)),
    "qwen3": dict(arch="qwen3", store="BF16", shape=shape(36, 3, 1, 96, 44)),
    # One dense layer among the routed.
    "qwen3moe": dict(arch="qwen3moe", store="F16", shape=shape(40, 6, 2, 20, 48, layers=3, num_experts=8, num_experts_per_tok=3,
                                                               moe_intermediate_size=24, norm_topk_prob=True, mlp_only_layers=[1])),
    "gpt_oss": dict(arch="gpt-oss", store="F32", shape=shape(36, 6, 2, 16, 20, rope=OPENAI, sliding_window=7, num_local_experts=6,
                                                             num_experts_per_tok=2)),
    "gpt_oss_mxfp4": dict(arch="gpt-oss", store="F16", experts="MXFP4", shape=shape(
        64, 4, 1, 32, 96, rope=OPENAI, sliding_window=16, num_local_experts=5, num_experts_per_tok=3)),
}
ACCURACY = {"gpt-oss": dict(arch="gpt-oss", store="F32", shape=shape(
    256, 4, 2, 64, 256, rope=OPENAI, sliding_window=32, num_local_experts=8, num_experts_per_tok=3))}
CLASSES = {"llama": ("LlamaConfig", "LlamaForCausalLM"), "qwen2": ("Qwen2Config", "Qwen2ForCausalLM"),
           "qwen3": ("Qwen3Config", "Qwen3ForCausalLM"), "qwen3moe": ("Qwen3MoeConfig", "Qwen3MoeForCausalLM"),
           "gpt-oss": ("GptOssConfig", "GptOssForCausalLM")}
PRE = {"llama": "llama-bpe", "gpt-oss": "gpt-4o"}


def rounded(values, store):
    if store == "MXFP4":  # along the inputs, which these parameters have last but one
        return torch.from_numpy(gguf_writer.round_mxfp4(values.transpose(-1, -2).numpy())).transpose(-1, -2)
    return values if store == "F32" else values.to(torch.float16 if store == "F16" else torch.bfloat16).float()


def build(seed, arch, store, shape, experts=None):
    """A model whose weights are exactly what the file can hold, as calm as a trained one."""
    config, model = (getattr(transformers, name) for name in CLASSES[arch])
    if arch == "qwen2":
        shape = {k: v for k, v in shape.items() if k != "head_dim"}
    config = config(**{"rms_norm_eps": 1e-6, "tie_word_embeddings": False, **COMMON, **shape})
    model = model(config).float().eval()
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, values in model.named_parameters():
            noise = torch.randn(values.shape, generator=random)
            if "sinks" in name:
                values.copy_(noise)
            elif name.endswith("bias"):
                values.copy_(0.1 * noise)
            elif values.ndim == 1:
                values.copy_(1 + 0.1 * noise)
            else:
                transposed = arch == "gpt-oss" and values.ndim == 3  # [experts, inputs, outputs]
                router = "mlp.gate.weight" in name or "router.weight" in name
                noise *= 1.0 if "embed" in name else values.shape[-2 if transposed else -1] ** -0.5
                noise *= 0.25 if "o_proj" in name or "down_proj" in name else 4.0 if router else 1.0
                kind = "F32" if router else experts if experts and transposed else store
                values.copy_(rounded(noise, kind))
    return model, config


def metadata(config, name, arch, **_):
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    rope = config.rope_parameters
    values = {
        "block_count": config.num_hidden_layers, "context_length": CONTEXT, "embedding_length": config.hidden_size,
        "feed_forward_length": config.intermediate_size, "attention.head_count": config.num_attention_heads,
        "attention.head_count_kv": config.num_key_value_heads, "attention.key_length": head, "attention.value_length": head,
        "rope.dimension_count": head, "rope.freq_base": float(rope["rope_theta"]),
        "attention.layer_norm_rms_epsilon": float(config.rms_norm_eps), "vocab_size": VOCABULARY,
    }
    if rope["rope_type"] in ("linear", "yarn"):
        values.update({"rope.scaling.type": rope["rope_type"], "rope.scaling.factor": float(rope["factor"])})
    if rope["rope_type"] == "yarn":
        values["rope.scaling.original_context_length"] = rope["original_max_position_embeddings"]
    if arch == "qwen3moe":
        values.update({"expert_count": config.num_experts, "expert_used_count": config.num_experts_per_tok,
                       "expert_feed_forward_length": config.moe_intermediate_size})
    if arch == "gpt-oss":
        values.update({"expert_count": config.num_local_experts, "expert_used_count": config.num_experts_per_tok,
                       "expert_feed_forward_length": config.intermediate_size,
                       "attention.sliding_window": config.sliding_window})
    tokens = [f"<{i}>" for i in range(VOCABULARY)]
    if name in ACCURACY:  # llama-imatrix reads text
        tokens[3:] = [chr(33 + i) for i in range(VOCABULARY - 3)]
    return {"general.architecture": arch, "general.name": name, "general.file_type": 0,
            **{f"{arch}.{key}": value for key, value in values.items()},
            "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": PRE.get(arch, "qwen2"), "tokenizer.ggml.tokens": tokens,
            "tokenizer.ggml.token_type": [1] * len(tokens), "tokenizer.ggml.merges": ["< 1"],
            "tokenizer.ggml.bos_token_id": 0, "tokenizer.ggml.eos_token_id": 1}


def side_by_side(values, head):
    """Llama's files: the pairs that turn together lie side by side."""
    rest = values.shape[1:]
    return values.reshape(-1, 2, head // 2, *rest).swapaxes(1, 2).reshape(values.shape)


def tensors(model, config, arch, store, experts=None, **_):
    state = {name: value.detach().float().numpy() for name, value in model.state_dict().items()}
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    out = {}

    def put(name, values, kind=store):
        out[name] = (values, "F32" if values.ndim == 1 or name.endswith("bias") else kind)

    put("token_embd.weight", state["model.embed_tokens.weight"])
    put("output_norm.weight", state["model.norm.weight"])
    if not config.tie_word_embeddings:
        put("output.weight", state["lm_head.weight"])
    if config.rope_parameters["rope_type"] == "llama3":
        plain = 1 / config.rope_parameters["rope_theta"] ** (np.arange(0, head, 2) / head)
        put("rope_freqs.weight", (plain / model.model.rotary_emb.inv_freq.numpy()).astype(np.float32))
    for i in range(config.num_hidden_layers):
        source, block = f"model.layers.{i}.", f"blk.{i}."
        for part in "qkvo":
            for kind in ("weight", "bias"):
                values = state.get(f"{source}self_attn.{part}_proj.{kind}")
                if values is not None:
                    values = side_by_side(values, head) if arch == "llama" and part in "qk" else values
                    put(f"{block}attn_{'output' if part == 'o' else part}.{kind}", values)
            if f"{source}self_attn.{part}_norm.weight" in state:
                put(f"{block}attn_{part}_norm.weight", state[f"{source}self_attn.{part}_norm.weight"])
        put(block + "attn_norm.weight", state[source + "input_layernorm.weight"])
        after = "post_attention_norm" if arch == "gpt-oss" else "ffn_norm"
        put(f"{block}{after}.weight", state[source + "post_attention_layernorm.weight"])
        mlp = source + "mlp."
        if arch == "gpt-oss":
            put(block + "attn_sinks.weight", state[source + "self_attn.sinks"])
            for kind in ("weight", "bias"):
                put(f"{block}ffn_gate_inp.{kind}", state[f"{mlp}router.{kind}"], "F32")
                ending = "" if kind == "weight" else "_bias"
                both = np.moveaxis(state[f"{mlp}experts.gate_up_proj{ending}"], -1, 1)  # [experts, gate and up by turns, …]
                for place, part in enumerate(("gate", "up")):
                    put(f"{block}ffn_{part}_exps.{kind}", both[:, place::2], experts or store)
                put(f"{block}ffn_down_exps.{kind}", np.moveaxis(state[f"{mlp}experts.down_proj{ending}"], -1, 1), experts or store)
        elif mlp + "gate.weight" in state:
            put(block + "ffn_gate_inp.weight", state[mlp + "gate.weight"], "F32")
            both, width = state[mlp + "experts.gate_up_proj"], config.moe_intermediate_size
            put(block + "ffn_gate_exps.weight", both[:, :width])
            put(block + "ffn_up_exps.weight", both[:, width:])
            put(block + "ffn_down_exps.weight", state[mlp + "experts.down_proj"])
        else:
            for part in ("gate", "up", "down"):
                for kind in ("weight", "bias"):
                    if f"{mlp}{part}_proj.{kind}" in state:
                        put(f"{block}ffn_{part}.{kind}", state[f"{mlp}{part}_proj.{kind}"])
    return out


def evaluate(model, tokens):
    """Logits, and for each routed layer the experts of the last token."""
    chosen = {}
    for i, layer in enumerate(model.model.layers):
        router = getattr(layer.mlp, "gate", getattr(layer.mlp, "router", None))
        if router is not None:
            def note(_module, _inputs, result, layer=i):
                chosen[layer] = sorted(result[-1][-1].tolist())
            router.register_forward_hook(note)
    with torch.no_grad():
        logits = model(torch.tensor([tokens])).logits[0].float().numpy()
    return logits, chosen


def for_accuracy(out):
    for name, variant in ACCURACY.items():
        (out / name).mkdir(parents=True, exist_ok=True)
        model, config = build(1, **variant)
        tokens = some_tokens(96, VOCABULARY, 1)
        logits, _ = evaluate(model, tokens)
        gguf_writer.write(out / name / "model.gguf", metadata(config, name, **variant), tensors(model, config, **variant))
        np.savez(out / name / "golden.npz", tokens=np.array(tokens, np.int32), logits=logits)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--llama-logits", help="llama_logits MODEL TOKENS.i32 LOGITS.f32")
    parser.add_argument("--only")
    parser.add_argument("--accuracy", action="store_true")
    args = parser.parse_args()
    if args.accuracy:
        return for_accuracy(args.out)
    work = args.out / "work"
    work.mkdir(parents=True, exist_ok=True)
    for seed, (name, variant) in enumerate(VARIANTS.items(), 51):
        if args.only and name != args.only:
            continue
        model, config = build(seed, **variant)
        tokens = some_tokens(40, VOCABULARY, seed)
        logits, chosen = evaluate(model, tokens)
        path = args.out / f"{name}.gguf"
        gguf_writer.write(path, metadata(config, name, **variant), tensors(model, config, **variant))
        save(args.out, name, tokens, logits, experts=chosen)
        print(name, path.stat().st_size, "bytes, logits of size", float(logits.std()))
        if args.llama_logits:
            np.array(tokens, np.int32).tofile(work / "tokens.i32")
            if subprocess.run([args.llama_logits, path, work / "tokens.i32", work / "logits.f32"]).returncode == 0:
                print("  llama.cpp from Hugging Face:", distance(
                    np.fromfile(work / "logits.f32", np.float32).reshape(len(tokens), -1), logits))


if __name__ == "__main__":
    main()
