"""DeepSeek-V3 in miniature, for training on a CPU.

MLA after arXiv:2405.04434 (2.1) and the routing of arXiv:2412.19437 (2.1.2): sigmoid scores, a
selection bias that alone balances the load, weights normalised over the chosen, one shared expert,
a leading dense layer. Sentences are kept flat (all tokens of a batch one after another), so that no
work is spent on padding outside attention; tokens are sorted by expert.
"""
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Config:
    """Sizes, named as in DeepSeek's papers."""

    vocab: int = 768
    dim: int = 192
    layers: int = 4
    dense_layers: int = 1
    dense_ff: int = 512
    heads: int = 4
    q_lora: int = 96
    kv_lora: int = 64
    nope_dim: int = 32
    rope_dim: int = 32
    v_dim: int = 64
    experts: int = 24
    experts_used: int = 2
    expert_ff: int = 128
    route_scale: float = 1.5
    rope_base: float = 10000.0
    eps: float = 1e-6
    context: int = 1024

    def to_dict(self):
        return asdict(self)


def weight(*shape):
    """A matrix (the last two dimensions [out, in]) of variance 1/in."""
    return nn.Parameter(torch.randn(*shape) * shape[-1] ** -0.5)


def rms_norm(x, gain, eps):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * gain


class Layout:
    """Where the tokens of sentences of given lengths stand; attention takes the sentences in groups of
    about one length, so that little of a group is padding. Sort the lengths for that."""

    GROUP = 8

    def __init__(self, lengths):
        self.position = torch.cat([torch.arange(n) for n in lengths])  # [tokens], place in its sentence
        self._groups = []  # (first token, last + 1, rows, width, padded place of each token)
        first = 0
        for i in range(0, len(lengths), self.GROUP):
            some = lengths[i:i + self.GROUP]
            width = max(some)
            slot = torch.cat([torch.arange(n) + row * width for row, n in enumerate(some)])
            self._groups.append((first, first + sum(some), len(some), width, slot))
            first += sum(some)

    def attend(self, q, k, v):
        """Causal attention within every sentence: q, k, v [tokens, heads, d], result alike. Padding
        comes after a sentence's end, where causal attention never looks."""
        out = []
        for first, end, rows, width, slot in self._groups:
            padded = []
            for x in (q, k, v):
                full = x.new_zeros(rows * width, *x.shape[1:]).index_copy(0, slot, x[first:end])
                padded.append(full.view(rows, width, *x.shape[1:]).transpose(1, 2))
            y = F.scaled_dot_product_attention(*padded, is_causal=True)
            out.append(y.transpose(1, 2).reshape(rows * width, *v.shape[1:])[slot])
        return torch.cat(out)


def rotate(x, cos, sin):
    """RoPE on neighbouring pairs: x [tokens, heads, rope_dim], cos and sin [tokens, 1, rope_dim / 2]."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Attention(nn.Module):
    """Multi-head latent attention; k_b and v_b are kept apart, as GGUF files hold them."""

    def __init__(self, c):
        super().__init__()
        self.c = c
        self.q_a = weight(c.q_lora, c.dim)
        self.q_a_norm = nn.Parameter(torch.ones(c.q_lora))
        self.q_b = weight(c.heads * (c.nope_dim + c.rope_dim), c.q_lora)
        self.kv_a = weight(c.kv_lora + c.rope_dim, c.dim)
        self.kv_a_norm = nn.Parameter(torch.ones(c.kv_lora))
        self.k_b = weight(c.heads * c.nope_dim, c.kv_lora)
        self.v_b = weight(c.heads * c.v_dim, c.kv_lora)
        self.out = weight(c.dim, c.heads * c.v_dim)

    def forward(self, x, layout, cos, sin):
        c, n = self.c, x.shape[0]
        q = F.linear(rms_norm(F.linear(x, self.q_a), self.q_a_norm, c.eps), self.q_b).view(n, c.heads, -1)
        latent, k_rope = F.linear(x, self.kv_a).split((c.kv_lora, c.rope_dim), -1)
        latent = rms_norm(latent, self.kv_a_norm, c.eps)
        k_nope = F.linear(latent, self.k_b).view(n, c.heads, c.nope_dim)
        v = F.linear(latent, self.v_b).view(n, c.heads, c.v_dim)
        q = torch.cat((q[..., :c.nope_dim], rotate(q[..., c.nope_dim:], cos, sin)), -1)
        k_rope = rotate(k_rope.unsqueeze(1), cos, sin).expand(n, c.heads, c.rope_dim)
        k = torch.cat((k_nope, k_rope), -1)
        return F.linear(layout.attend(q, k, v).reshape(n, -1), self.out)


class Dense(nn.Module):
    """SwiGLU."""

    def __init__(self, dim, ff):
        super().__init__()
        self.gate_up = weight(2 * ff, dim)
        self.down = weight(dim, ff)

    def forward(self, x):
        gate, up = F.linear(x, self.gate_up).chunk(2, -1)
        return F.linear(F.silu(gate) * up, self.down)


class Experts(nn.Module):
    """A shared expert and routed ones."""

    def __init__(self, c):
        super().__init__()
        self.c = c
        self.shared = Dense(c.dim, c.expert_ff)
        self.router = weight(c.experts, c.dim)
        self.gate_up = weight(c.experts, 2 * c.expert_ff, c.dim)
        self.down = weight(c.experts, c.dim, c.expert_ff)
        self.register_buffer("bias", torch.zeros(c.experts))  # added to the scores for the choice only
        self.register_buffer("load", torch.zeros(c.experts), persistent=False)

    def forward(self, x):
        c = self.c
        scores = F.linear(x, self.router).sigmoid()  # [tokens, experts]
        chosen = (scores.detach() + self.bias).topk(c.experts_used, -1).indices
        weights = scores.gather(-1, chosen)
        weights = weights / (weights.sum(-1, keepdim=True) + 1e-20) * c.route_scale
        order = chosen.flatten().argsort(stable=True)
        token = order // c.experts_used
        counts = torch.bincount(chosen.flatten(), minlength=c.experts)
        if self.training:
            self.load += counts
        parts = []
        gate_up, down = self.gate_up.unbind(), self.down.unbind()  # indexing would cost a whole gradient each
        for e, part in enumerate(x[token].split(counts.tolist())):
            gate, up = F.linear(part, gate_up[e]).chunk(2, -1)
            parts.append(F.linear(F.silu(gate) * up, down[e]))
        routed = torch.cat(parts) * weights.flatten()[order].unsqueeze(-1)
        return self.shared(x).index_add(0, token, routed)

    @torch.no_grad()
    def balance(self, rate):
        """Raise the bias of experts with too little load, lower the others', and forget the load."""
        self.bias += rate * torch.sign(self.load.mean() - self.load)
        self.bias -= self.bias.mean()
        self.load.zero_()


class Block(nn.Module):
    def __init__(self, c, dense):
        super().__init__()
        self.eps = c.eps
        self.attn_norm = nn.Parameter(torch.ones(c.dim))
        self.attn = Attention(c)
        self.ffn_norm = nn.Parameter(torch.ones(c.dim))
        self.ffn = Dense(c.dim, c.dense_ff) if dense else Experts(c)

    def forward(self, x, layout, cos, sin):
        x = x + self.attn(rms_norm(x, self.attn_norm, self.eps), layout, cos, sin)
        return x + self.ffn(rms_norm(x, self.ffn_norm, self.eps))


class Starter(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.embed = nn.Parameter(torch.randn(c.vocab, c.dim) * 0.5)
        self.blocks = nn.ModuleList(Block(c, i < c.dense_layers) for i in range(c.layers))
        self.norm = nn.Parameter(torch.ones(c.dim))
        self.head = nn.Parameter(torch.zeros(c.vocab, c.dim))
        with torch.no_grad():  # residual branches start small
            for block in self.blocks:
                block.attn.out.mul_(0.3)
                block.ffn.down.mul_(0.3)
        frequency = c.rope_base ** (-torch.arange(0, c.rope_dim, 2).float() / c.rope_dim)
        self.register_buffer("frequency", frequency, persistent=False)

    def forward(self, tokens, layout, wanted=None):
        """Logits [wanted tokens, vocab] of flat tokens; wanted names places in tokens (all when None)."""
        angle = (layout.position.unsqueeze(-1) * self.frequency).unsqueeze(1)
        cos, sin = angle.cos(), angle.sin()
        x = F.embedding(tokens, self.embed)
        for block in self.blocks:
            x = block(x, layout, cos, sin)
        if wanted is not None:
            x = x[wanted]
        return F.linear(rms_norm(x, self.norm, self.c.eps), self.head)

    def balance(self, rate):
        """The fullest expert's load, as a multiple of the mean, a routed layer; then move the biases."""
        worst = []
        for block in self.blocks:
            if isinstance(block.ffn, Experts):
                worst.append((block.ffn.load.max() / block.ffn.load.mean().clamp(min=1)).item())
                block.ffn.balance(rate)
        return worst

    def sizes(self):
        """(all parameters, parameters that one token passes through)."""
        total = sum(p.numel() for p in self.parameters())
        routed = sum(p.numel() for n, p in self.named_parameters() if p.dim() == 3)
        idle = routed * (1 - self.c.experts_used / self.c.experts)
        return total, int(total - idle - self.embed.numel())
