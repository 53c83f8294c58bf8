#!/usr/bin/env python3
"""What blocks of random bytes mean, according to ggml itself.

    make_formats.py values LIBGGML_BASE.so > formats.txt
    make_formats.py grids  LIBGGML_BASE.so     (the arrays of kernels/types/grid_points.h)

values: two lines a type. First its name, how many blocks were turned into floats and a hash of these;
then the first of the blocks that has only finite numbers, and its floats, all in hexadecimal. The bytes are those
of the kernels' Random(1), one after the other, from the start for every type. The hash is FNV-1a over the floats' bits, a
word at a time, with whatever is not a number as 7fc00000.
"""

import ctypes
import struct
import sys

TYPES = {  # weights and bytes of a block, ggml's function
    "Q4_0": (32, 18, "q4_0"), "Q4_1": (32, 20, "q4_1"), "Q5_0": (32, 22, "q5_0"), "Q5_1": (32, 24, "q5_1"),
    "Q8_0": (32, 34, "q8_0"), "Q2_K": (256, 84, "q2_K"), "Q3_K": (256, 110, "q3_K"), "Q4_K": (256, 144, "q4_K"),
    "Q5_K": (256, 176, "q5_K"), "Q6_K": (256, 210, "q6_K"), "IQ1_S": (256, 50, "iq1_s"), "IQ1_M": (256, 56, "iq1_m"),
    "IQ2_XXS": (256, 66, "iq2_xxs"), "IQ2_XS": (256, 74, "iq2_xs"), "IQ2_S": (256, 82, "iq2_s"),
    "IQ3_XXS": (256, 98, "iq3_xxs"), "IQ3_S": (256, 110, "iq3_s"), "IQ4_NL": (32, 18, "iq4_nl"),
    "IQ4_XS": (256, 136, "iq4_xs"), "TQ1_0": (256, 54, "tq1_0"), "TQ2_0": (256, 66, "tq2_0"), "MXFP4": (32, 17, "mxfp4"),
}
WEIGHTS = 1 << 19  # a type: every entry of every grid is met
MASK = (1 << 64) - 1


def random_bytes(count):
    state = (1 * 2654435761 + 88172645463325252) & MASK
    out = bytearray(count)
    for i in range(count):
        state ^= state >> 12
        state ^= (state << 25) & MASK
        state ^= state >> 27
        out[i] = ((state * 2685821657736338717) & MASK) >> 16 & 255
    return bytes(out)


def dequantize(lib, function, data, weights):
    call = getattr(lib, "dequantize_row_" + function)
    call.restype = None
    call.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_float), ctypes.c_int64]
    out = (ctypes.c_float * weights)()
    call(data, out, weights)
    return out


def words(floats):
    bits = struct.unpack("<%dI" % len(floats), bytes(floats))
    return [0x7FC00000 if (b & 0x7FFFFFFF) > 0x7F800000 else b for b in bits]


def values(lib):
    every_byte = random_bytes(max(WEIGHTS // w * b for w, b, _ in TYPES.values()))
    for name, (weights, size, function) in TYPES.items():
        blocks = WEIGHTS // weights
        bits = words(dequantize(lib, function, every_byte[:blocks * size], WEIGHTS))
        fnv = 0xCBF29CE484222325
        for b in bits:
            fnv = ((fnv ^ b) * 0x100000001B3) & MASK
        for i in range(blocks):
            sample = bits[i * weights:(i + 1) * weights]
            if all((b & 0x7F800000) != 0x7F800000 for b in sample):
                break
        print(name, blocks, "%016x" % fnv)
        print(every_byte[i * size:(i + 1) * size].hex(), "".join("%08x" % b for b in sample))


def grids(lib):
    """A grid is a sorted set of points, so a bit for every point says it all."""
    def block(size, at):
        data = bytearray(size)
        for place, value in at.items():
            data[place] = value
        return bytes(data)

    one = {0: 0x00, 1: 0x3C}
    low_high = lambda i, low, high: {low: i & 255, high: i >> 8}
    specs = [  # name, entries, numbers in one, levels, floats of entry i
        ("Iq2Xxs", 256, 8, 3, lambda i: dequantize(lib, "iq2_xxs", block(66, {**one, 2: i}), 256)),
        ("Iq2Xs", 512, 8, 3, lambda i: dequantize(lib, "iq2_xs", block(74, {**one, **low_high(i, 2, 3)}), 256)),
        ("Iq2S", 1024, 8, 3, lambda i: dequantize(lib, "iq2_s", block(82, {**one, **low_high(i, 2, 66)}), 256)),
        ("Iq1", 2048, 8, 3, lambda i: dequantize(lib, "iq1_s", block(50, {**one, **low_high(i, 2, 34)}), 256)),
        ("Iq3Xxs", 256, 4, 8, lambda i: dequantize(lib, "iq3_xxs", block(98, {**one, 2: i}), 256)),
        ("Iq3S", 512, 4, 8, lambda i: dequantize(lib, "iq3_s", block(110, {**one, **low_high(i, 2, 66)}), 256)),
    ]
    for name, entries, numbers, base, floats_of in specs:
        points = [tuple(floats_of(i)[:numbers]) for i in range(entries)]
        levels = sorted({v for point in points for v in point})
        assert len(levels) == base
        places = [sum(levels.index(v) * base ** k for k, v in enumerate(point)) for point in points]
        assert places == sorted(set(places))
        bits = sum(1 << place for place in places)
        count = (base ** numbers + 63) // 64
        array = [(bits >> (64 * k)) & MASK for k in range(count)]
        print("//", name, "levels", levels)
        print("constexpr std::uint64_t k%sPoints[%d] = {" % (name, count))
        print(",\n".join("    " + ", ".join("0x%016X" % v for v in array[k:k + 4]) for k in range(0, count, 4)))
        print("};")


if __name__ == "__main__":
    {"values": values, "grids": grids}[sys.argv[1]](ctypes.CDLL(sys.argv[2]))
