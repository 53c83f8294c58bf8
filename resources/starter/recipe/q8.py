"""The Q8_0 quantisation: blocks of 32 weights with one scale, rounded as ggml rounds them."""
import numpy as np

from .gguf import BLOCK

_BLOCK = np.dtype([("scale", "<f2"), ("values", "i1", BLOCK)])


def quantise(x):
    """Q8_0 bytes of x; its last dimension is a multiple of 32. Rounds half away from zero, as ggml does."""
    blocks = np.ascontiguousarray(x, np.float32).reshape(-1, BLOCK)
    scale = np.abs(blocks).max(1, keepdims=True) / 127.0
    inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale != 0)
    scaled = blocks * inverse
    out = np.empty(len(blocks), _BLOCK)
    out["scale"] = scale[:, 0]
    out["values"] = np.trunc(scaled + np.copysign(0.5, scaled))
    return out.tobytes()


def dequantise(data, shape):
    """The floats that Q8_0 bytes stand for."""
    blocks = np.frombuffer(data, _BLOCK)
    return (blocks["scale"].astype(np.float32)[:, None] * blocks["values"]).reshape(shape)
