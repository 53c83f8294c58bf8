"""Writes and reads GGUF version 3 files (layout: github.com/ggml-org/ggml, docs/gguf.md).

Values of metadata are Python's str, bool, int (written as uint32), float (float32) and lists of str
or int (int32). Tensors are (shape, type, bytes) with row-major shapes; GGUF lists them reversed.
"""
import math
import pathlib
import struct

ALIGN = 32
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
F32, Q8_0 = 0, 8
BLOCK, BLOCK_BYTES = 32, 34  # a Q8_0 block: a half-precision scale and 32 signed bytes


def _text(s):
    raw = s.encode()
    return struct.pack("<Q", len(raw)) + raw


def _value(v):
    if isinstance(v, bool):
        return struct.pack("<IB", BOOL, v)
    if isinstance(v, int):
        return struct.pack("<II", UINT32, v)
    if isinstance(v, float):
        return struct.pack("<If", FLOAT32, v)
    if isinstance(v, str):
        return struct.pack("<I", STRING) + _text(v)
    strings = isinstance(v[0], str)
    head = struct.pack("<IIQ", ARRAY, STRING if strings else INT32, len(v))
    return head + b"".join(_text(i) if strings else struct.pack("<i", i) for i in v)


def write(path, metadata, tensors):
    """Write metadata (a dict) and tensors: {name: (shape, F32 or Q8_0, bytes)}."""
    out = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(metadata))
    out += b"".join(_text(k) + _value(v) for k, v in metadata.items())
    blobs, place = [], 0
    for name, (shape, kind, blob) in tensors.items():
        assert len(blob) == _size(shape, kind), name
        out += _text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape)) + struct.pack("<IQ", kind, place)
        blobs.append(blob + b"\0" * (-len(blob) % ALIGN))
        place += len(blobs[-1])
    with open(path, "wb") as f:
        f.write(out + b"\0" * (-len(out) % ALIGN))
        f.writelines(blobs)


def _size(shape, kind):
    """Bytes of a tensor."""
    count = math.prod(shape)
    return count * 4 if kind == F32 else count // BLOCK * BLOCK_BYTES


def read(path):
    """(metadata, {name: (shape, kind, bytes)}) of a file that write could have made."""
    data = pathlib.Path(path).read_bytes()
    at = 0

    def take(form):
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values if len(values) > 1 else values[0]

    def text():
        nonlocal at
        n = take("Q")
        at += n
        return data[at - n:at].decode()

    def value(kind):
        if kind == STRING:
            return text()
        if kind == ARRAY:
            inner, n = take("IQ")
            return [value(inner) for _ in range(n)]
        return {UINT32: int, INT32: int, FLOAT32: float, BOOL: bool}[kind](take({UINT32: "I", INT32: "i", FLOAT32: "f", BOOL: "B"}[kind]))

    magic, version, tensor_count, pairs = take("4sIQQ")
    if magic != b"GGUF" or version != 3:
        raise ValueError(f"{path} is no GGUF file of version 3")
    metadata = {}
    for _ in range(pairs):
        key = text()
        metadata[key] = value(take("I"))
    infos = []
    for _ in range(tensor_count):
        name, n = text(), take("I")
        shape = [take("Q") for _ in range(n)][::-1]
        infos.append((name, shape, *take("IQ")))
    at += -at % ALIGN
    tensors = {}
    for name, shape, kind, place in infos:
        tensors[name] = (tuple(shape), kind, data[at + place:at + place + _size(shape, kind)])
    return metadata, tensors
