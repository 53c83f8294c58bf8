"""Random weights for tiny models, as calm as trained ones."""
import torch


def random_weights(model, seed):
    """Yields (name, parameter or buffer, what it should hold) for all that a file keeps, in the model's order."""
    random = torch.Generator().manual_seed(seed)
    for name, values in [*model.named_parameters(), *model.named_buffers()]:
        if "inv_freq" in name:
            continue
        noise = torch.randn(values.shape, generator=random)
        if values.ndim == 1:
            yield name, values, 0.1 * noise.abs() if name.endswith("bias") else 1 + 0.1 * noise
            continue
        calm = 1.0 if "embed" in name else values.shape[-1] ** -0.5
        calm *= 0.25 if "o_proj" in name or "down_proj" in name else 4.0 if "mlp.gate.weight" in name else 1.0
        yield name, values, noise * calm
