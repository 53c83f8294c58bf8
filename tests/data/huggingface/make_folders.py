#!/usr/bin/env python3
"""Makes tiny random models as Hugging Face folders, with the logits that Hugging Face computes for them.

    python3 make_folders.py OUT

needs torch, transformers (5.x) and safetensors. For each variant it writes the folder OUT/NAME (config.json as publishers
write it, safetensors in shards), OUT/NAME.f32 (logits, float32 [tokens, vocab]) and OUT/NAME.json (tokens). The logits are
those of the weights that the folder holds: what is kept as BF16 or FP8 was turned back to F32 first.
"""
import json
import pathlib
import sys

import numpy as np
import safetensors.torch
import torch
import transformers as t

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from random_weights import random_weights  # noqa: E402

BASE = dict(vocab_size=96, max_position_embeddings=1280, bos_token_id=0, eos_token_id=1)
YARN = {"rope_type": "yarn", "factor": 40.0, "original_max_position_embeddings": 32, "beta_fast": 32.0, "beta_slow": 1.0,
        "mscale": 0.707, "mscale_all_dim": 0.707}
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 32}
# No matrix is a multiple of 128, and heads begin inside a block of scales.
MLA = dict(hidden_size=136, num_hidden_layers=2, first_k_dense_replace=1, num_attention_heads=3, num_key_value_heads=3,
           q_lora_rank=40, kv_lora_rank=48, qk_nope_head_dim=40, qk_rope_head_dim=8, v_head_dim=24, n_routed_experts=4,
           num_experts_per_tok=2, n_group=2, topk_group=1, moe_intermediate_size=40, intermediate_size=132,
           n_shared_experts=1, routed_scaling_factor=2.5, norm_topk_prob=True)
GQA = dict(hidden_size=48, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=2, head_dim=16, intermediate_size=80)
MOE = dict(GQA, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=24, norm_topk_prob=True, decoder_sparse_step=1)
GROUPS = dict(n_group=2, topk_group=1, topk_method="group_limited_greedy", norm_topk_prob=False, routed_scaling_factor=4.0)
SMALL = dict(hidden_size=64, q_lora_rank=32, qk_nope_head_dim=16, v_head_dim=16, moe_intermediate_size=24, intermediate_size=48,
             num_attention_heads=4, num_key_value_heads=4)

# kind, shape, rotation, how weights are kept; "predict": a layer that predicts a second token, which is not run
VARIANTS = {
    "v3_fp8": ("DeepseekV3", MLA, YARN, dict(store="fp8", shards=2, predict=True)),
    "v3_ue8m0": ("DeepseekV3", dict(MLA, n_routed_experts=2, n_group=1), None, dict(store="fp8", powers=True)),
    "v2_bf16": ("DeepseekV2", dict(MLA, **GROUPS, **SMALL), None, dict(store="bf16", shards=2)),
    "llama_bf16": ("Llama", GQA, LLAMA3, dict(store="bf16")),
    "qwen2_f16": ("Qwen2", {k: v for k, v in GQA.items() if k != "head_dim"} | dict(num_attention_heads=4), None,
                  dict(store="f16", tied=True)),
    "qwen3_f32": ("Qwen3", dict(GQA, hidden_size=36), None, dict(store="f32")),
    "qwen3moe_bf16": ("Qwen3Moe", MOE, None, dict(store="bf16", shards=2)),
}


def build(kind, shape, rotation, seed, tied=False):
    rope = {"rope_theta": 10000.0, **(rotation or {"rope_type": "default"})}
    config = getattr(t, kind + "Config")(rope_parameters=rope, tie_word_embeddings=tied, **BASE, **shape)
    model = getattr(t, kind + "ForCausalLM")(config).float().eval()
    if kind == "DeepseekV2":
        for layer in model.model.layers[config.first_k_dense_replace:]:
            layer.mlp.num_experts = config.n_routed_experts  # left out by transformers 5.12, which then fails
    with torch.no_grad():
        for _, values, wanted in random_weights(model, seed):
            values.copy_(wanted)
    return model, config


def published(state, config):
    """The names and the single experts that folders have."""
    out = {}
    for name, values in state.items():
        if name.endswith("mlp.experts.gate_up_proj"):
            width = config.moe_intermediate_size
            for i, both in enumerate(values):
                out[name.replace("gate_up_proj", f"{i}.gate_proj.weight")] = both[:width].contiguous()
                out[name.replace("gate_up_proj", f"{i}.up_proj.weight")] = both[width:].contiguous()
        elif name.endswith("mlp.experts.down_proj"):
            for i, down in enumerate(values):
                out[name.replace("down_proj", f"{i}.down_proj.weight")] = down.contiguous()
        elif not (name == "lm_head.weight" and config.tie_word_embeddings):
            out[name] = values.contiguous()
    return out


def combined(parts, config):
    """The other way: what transformers' own modules are filled with."""
    out = dict(parts)
    for name in list(state_names(parts)):
        experts = [i for i in range(1000) if f"{name}{i}.gate_proj.weight" in parts]
        if not experts:
            continue
        out[name + "gate_up_proj"] = torch.stack([torch.cat([out.pop(f"{name}{i}.gate_proj.weight"),
                                                             out.pop(f"{name}{i}.up_proj.weight")]) for i in experts])
        out[name + "down_proj"] = torch.stack([out.pop(f"{name}{i}.down_proj.weight") for i in experts])
    return out


def state_names(parts):
    return {name.split("experts.")[0] + "experts." for name in parts if "mlp.experts." in name}


def blocks(values, scales):
    """scales, one for 128 x 128, as one for each weight."""
    return scales.repeat_interleave(128, 0).repeat_interleave(128, 1)[:values.shape[0], :values.shape[1]]


def to_fp8(values, powers):
    rows, columns = (-(-n // 128) for n in values.shape)
    scales = torch.empty(rows, columns)
    for r in range(rows):
        for c in range(columns):
            scales[r, c] = values[128 * r:128 * r + 128, 128 * c:128 * c + 128].abs().max() / 448
    if powers:
        scales = 2 ** scales.log2().ceil()
    small = (values / blocks(values, scales)).to(torch.float8_e4m3fn)
    kept = (scales.log2() + 127).to(torch.uint8) if powers else scales
    return small, kept, small.float() * blocks(values, scales)


def keep(parts, store, powers):
    """What the file holds, and the F32 that this means."""
    files, exact = {}, {}
    for name, values in parts.items():
        whole = values.ndim == 1 or "mlp.gate.weight" in name
        if store == "fp8" and not whole and "embed" not in name and "lm_head" not in name and "eh_proj" not in name:
            files[name], files[name + "_scale_inv"], exact[name] = to_fp8(values, powers)
            continue
        kind = {"f32": torch.float32, "f16": torch.float16}.get(store, torch.bfloat16)
        files[name] = values if "e_score" in name else values.to(kind)
        exact[name] = files[name].float()
    return files, exact


def prediction_layer(parts, config, random):
    """Layer N of DeepSeek's folders: one more like the last, and what joins it to the embedding."""
    last, extra = f"model.layers.{config.num_hidden_layers - 1}.", f"model.layers.{config.num_hidden_layers}."
    more = {extra + name[len(last):]: torch.randn(values.shape, generator=random) for name, values in parts.items()
            if name.startswith(last)}
    hidden = config.hidden_size
    for name, shape in {"enorm": [hidden], "hnorm": [hidden], "shared_head.norm": [hidden], "eh_proj": [hidden, 2 * hidden],
                        "embed_tokens": [config.vocab_size, hidden], "shared_head.head": [config.vocab_size, hidden]}.items():
        more[f"{extra}{name}.weight"] = torch.randn(shape, generator=random)
    return more


def config_json(kind, config, shape, rotation, tied, options):
    """As publishers write it: rope_theta and rope_scaling."""
    values = {"architectures": [kind + "ForCausalLM"], **BASE, **shape, "hidden_act": "silu", "rms_norm_eps": config.rms_norm_eps,
              "rope_theta": 10000.0, "tie_word_embeddings": tied, "model_type": config.model_type}
    if rotation:
        values["rope_scaling"] = {("type" if name == "rope_type" and kind.startswith("Deep") else name): value
                                  for name, value in rotation.items()}
    if kind == "DeepseekV3":
        values.update(scoring_func="sigmoid", topk_method="noaux_tc")
    if options["store"] == "fp8":
        values["quantization_config"] = {"activation_scheme": "dynamic", "fmt": "e4m3", "quant_method": "fp8",
                                         "weight_block_size": [128, 128], **({"scale_fmt": "ue8m0"} if options.get("powers") else {})}
    if options.get("predict"):
        values["num_nextn_predict_layers"] = 1
    return values


def write(folder, files, shards):
    if shards == 1:
        safetensors.torch.save_file(files, folder / "model.safetensors", metadata={"format": "pt"})
        return
    # Scales apart from their weights, and the rest by turns.
    place = {name: f"model-0000{1 + ('_scale_inv' in name or i % 3 == 0)}-of-00002.safetensors" for i, name in enumerate(files)}
    for shard in sorted(set(place.values())):
        safetensors.torch.save_file({n: v for n, v in files.items() if place[n] == shard}, folder / shard)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": place}, indent=1) + "\n")


def main():
    out = pathlib.Path(sys.argv[1])
    for seed, (name, (kind, shape, rotation, options)) in enumerate(VARIANTS.items(), 51):
        tied = options.get("tied", False)
        model, config = build(kind, shape, rotation, seed, tied)
        parts = published({k: v.detach().clone() for k, v in model.state_dict().items()}, config)
        files, exact = keep(parts, options["store"], options.get("powers", False))
        if tied:
            exact["lm_head.weight"] = exact["model.embed_tokens.weight"]
        model.load_state_dict(combined(exact, config))
        if options.get("predict"):
            more = prediction_layer(parts, config, torch.Generator().manual_seed(seed + 1000))
            files.update(keep(more, options["store"], False)[0])
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        write(folder, files, options.get("shards", 1))
        (folder / "config.json").write_text(json.dumps(config_json(kind, config, shape, rotation, tied, options), indent=1) + "\n")
        tokens = [0] + torch.randint(3, 96, (39,), generator=torch.Generator().manual_seed(seed)).tolist()
        with torch.no_grad():
            logits = model(torch.tensor([tokens])).logits[0].float().numpy()
        logits.astype(np.float32).tofile(out / f"{name}.f32")
        (out / f"{name}.json").write_text(json.dumps({"tokens": tokens}) + "\n")
        print(name, sum(f.stat().st_size for f in folder.iterdir()), float(logits.std()))


if __name__ == "__main__":
    main()
