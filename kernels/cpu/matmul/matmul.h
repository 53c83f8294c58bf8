#pragma once

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/quant/activations.h"
#include "kernels/types/views.h"

namespace ponder::kernels {

/// Products with weight matrices. Every function:
/// - gives for one row of x the same bits whatever the other rows, the batch and the number of
///   threads are, and on every instruction set (rules of the sums: matmul/README.md);
/// - uses the weights in place; F32, F16 and BF16 weights are multiplied by float activations, quantised
///   weights by 15-bit blocks (needs x.hasBlocks());
/// - returns when y is written. y must not overlap x.

/// y[t, r] = sum over c of x[t, c] * w[r, c].
/// w: [rows, cols]; x: [tokens, cols]; y: [tokens, rows], f32.
void matmul(Cpu& cpu, const WeightView& w, const Activations& x, FloatRows y);

/// One matrix a head: y[t, h, r] = sum over c of x[t, h, c] * w[h, r, c].
/// w: [heads, rows, cols]; x packed from [tokens, heads, cols]; y: [tokens, heads, rows], f32.
/// For attn_k_b (rows = kvLoraRank, cols = nopeHeadDim) and attn_v_b.
void matmulHeads(Cpu& cpu, const WeightStack& w, const Activations& x, const HeadRows& y);

/// One matrix a head, transposed: y[t, h, c] = sum over r of x[t, h, r] * w[h, r, c].
/// w: [heads, rows, cols]; x: [tokens, heads, rows], f32; y: [tokens, heads, cols], f32.
/// For the key part of an unsplit attn_kv_b: rows = nopeHeadDim, cols = kvLoraRank,
/// matrixStride = (nopeHeadDim + valueHeadDim) * rowStride. Always in floats.
void matmulHeadsTransposed(
    Cpu& cpu, const WeightStack& w, const ConstHeadRows& x, const HeadRows& y);

} // namespace ponder::kernels
