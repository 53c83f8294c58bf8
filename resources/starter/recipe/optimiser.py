"""Muon for matrices (Jordan 2024; scaled as in arXiv:2502.16982; three rounds of the polynomials of
arXiv:2505.16932), AdamW for the rest."""
import torch

POLYNOMIALS = ((8.2872, -23.5959, 17.3004), (4.1071, -2.9478, 0.5448), (3.9487, -2.9089, 0.5518))


def orthogonal(g):
    """The nearest half-orthogonal matrices to g [..., m, n], roughly, by matrix polynomials."""
    turned = g.shape[-2] > g.shape[-1]
    x = g.mT if turned else g
    x = x / (x.norm(dim=(-2, -1), keepdim=True) * 1.02 + 1e-7)
    shape = x.shape
    x = x.reshape(-1, *shape[-2:])
    for a, b, c in POLYNOMIALS:
        s = x @ x.mT
        s = torch.baddbmm(s, s, s, beta=b, alpha=c)
        x = torch.baddbmm(x, s, x, beta=a)
    x = x.view(shape)
    return x.mT if turned else x


class Muon(torch.optim.Optimizer):
    """Momentum whose every update is made orthogonal. split says of how many matrices stacked along
    the rows a parameter consists (gate and up)."""

    def __init__(self, params, lr, momentum=0.95, decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, decay=decay, split=1))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                buffer = self.state[p].setdefault("momentum", torch.zeros_like(p))
                buffer.lerp_(p.grad, 1 - group["momentum"])
                g = p.grad.lerp(buffer, group["momentum"])
                parts = g.view(*p.shape[:-2], group["split"], p.shape[-2] // group["split"], p.shape[-1])
                update = orthogonal(parts) * 0.2 * max(parts.shape[-2:]) ** 0.5
                p.mul_(1 - group["lr"] * group["decay"]).add_(update.reshape(p.shape), alpha=-group["lr"])


def build(model, rate, decay):
    """[Muon, AdamW] over the model's parameters; rate is for both (scaled alike)."""
    matrices, pairs, rest = [], [], []
    for name, p in model.named_parameters():
        if p.dim() < 2 or name in ("embed", "head") or name.endswith("router"):
            rest.append(p)
        elif name.endswith("gate_up"):
            pairs.append(p)
        else:
            matrices.append(p)
    muon = Muon([{"params": matrices}, {"params": pairs, "split": 2}], rate, decay=decay)
    return [muon, torch.optim.AdamW(rest, rate, betas=(0.9, 0.98), weight_decay=0.0)]
