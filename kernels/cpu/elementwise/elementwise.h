#pragma once

#include <span>

#include "kernels/cpu/cpu.h"
#include "kernels/types/views.h"

namespace ponder::kernels {

/// y += x, element by element. x, y: [tokens, cols], f32.
void add(Cpu& cpu, ConstFloatRows x, FloatRows y);

/// y[t] += x for every row. x: [cols], f32; y: [tokens, cols], f32.
void addToRows(Cpu& cpu, std::span<const float> x, FloatRows y);

/// y = silu(gate) * up, silu(v) = v / (1 + exp(-v)). All [tokens, cols], f32; y may be gate or up.
void siluMul(Cpu& cpu, ConstFloatRows gate, ConstFloatRows up, FloatRows y);

/// gpt-oss's gated unit: y = g * sigmoid(alpha * g) * (u + 1), where g is gate, at most limit, and u
/// is up between -limit and limit. All [tokens, cols], f32; y may be gate or up.
void clampedSwiGlu(
    Cpu& cpu, ConstFloatRows gate, ConstFloatRows up, float alpha, float limit, FloatRows y);

/// Each row to exp(x - max) / sum, in place. x: [tokens, cols], f32.
void softmax(Cpu& cpu, FloatRows x);

/// Each number to 1 / (1 + exp(-x)), in place. x: [tokens, cols], f32.
void sigmoid(Cpu& cpu, FloatRows x);

/// y[t] = row ids[t] of the table. y: [tokens, cols], f32; table: [vocabulary, cols].
/// Precondition: every id is in [0, table.rows).
void embeddingRows(
    Cpu& cpu, const WeightView& table, std::span<const std::int32_t> ids, FloatRows y);

} // namespace ponder::kernels
