"""Writes GGUF version 3 files for the fixtures. Layout: github.com/ggml-org/ggml, docs/gguf.md."""
import struct

import numpy as np

UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
ALIGNMENT = 32


def _text(value):
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def _typed(value):
    """The type number of a value and its bytes."""
    if isinstance(value, bool):
        return BOOL, struct.pack("<?", value)
    if isinstance(value, int):
        return UINT32, struct.pack("<I", value)
    if isinstance(value, float):
        return FLOAT32, struct.pack("<f", value)
    if isinstance(value, str):
        return STRING, _text(value)
    if isinstance(value[0], int):
        return ARRAY, struct.pack(f"<IQ{len(value)}i", INT32, len(value), *value)
    kinds = [_typed(item) for item in value]
    return ARRAY, struct.pack("<IQ", kinds[0][0], len(kinds)) + b"".join(raw for _, raw in kinds)


def bfloat16(values):
    """float32 to the nearest bfloat16, ties to even, as uint16."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6], np.float32)


def _mxfp4(values):
    """The exponents, signs and numbers of each 32: [blocks, 1], [blocks, 32], [blocks, 32]."""
    blocks = np.ascontiguousarray(values, np.float32).reshape(-1, 32)
    largest = np.maximum(np.abs(blocks).max(1, keepdims=True), 2.0**-100)
    exponent = np.floor(np.log2(largest)).astype(int) - 2
    number = np.abs(np.abs(blocks)[..., None] / 2.0**exponent[..., None] - E2M1).argmin(-1)
    return exponent, blocks < 0, number


def round_mxfp4(values):
    """What MXFP4 keeps of float32 values; rounding it again changes nothing."""
    exponent, negative, number = _mxfp4(values)
    return (np.where(negative, -1, 1) * E2M1[number] * 2.0**exponent).astype(np.float32).reshape(values.shape)


def mxfp4(values):
    """Blocks of an exponent and 16 bytes: number j low, number j + 16 high; bit 3 is the sign."""
    exponent, negative, number = _mxfp4(values)
    codes = (number + 8 * negative).astype(np.uint8)
    return np.concatenate([(exponent + 127).astype(np.uint8), codes[:, :16] | codes[:, 16:] << 4], axis=1)


ENCODERS = {"F32": (0, lambda v: v.astype(np.float32)), "F16": (1, lambda v: v.astype(np.float16)), "BF16": (30, bfloat16),
            "MXFP4": (39, mxfp4)}


def write(path, metadata, tensors):
    """tensors: {name: (float32 array, "F32" | "F16" | "BF16" | "MXFP4")}; GGUF counts the fastest dimension first."""
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(metadata))
    for key, value in metadata.items():
        kind, raw = _typed(value)
        head += _text(key) + struct.pack("<I", kind) + raw
    body = b""
    for name, (values, kind) in tensors.items():
        number, encode = ENCODERS[kind]
        head += _text(name) + struct.pack("<I", values.ndim)
        head += struct.pack(f"<{values.ndim}Q", *reversed(values.shape)) + struct.pack("<IQ", number, len(body))
        body += encode(np.ascontiguousarray(values)).tobytes()
        body += b"\0" * (-len(body) % ALIGNMENT)
    with open(path, "wb") as f:
        f.write(head + b"\0" * (-len(head) % ALIGNMENT) + body)
