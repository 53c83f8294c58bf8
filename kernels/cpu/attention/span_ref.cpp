#include <cmath>

#include "kernels/cpu/dispatch/reference.h"

namespace ponder::kernels::reference {

void attentionSpan(const AttentionSpan& s)
{
    for (std::size_t r = 0; r < s.rows; ++r) {
        const float* q = s.q + r * s.qStride;
        float* scores = s.scores + r * kAttentionSpan;
        float largest = 0;
        for (std::size_t p = 0; p < s.positions; ++p) {
            const float* key = s.keys + p * s.keyStride;
            double dot = 0;
            for (std::size_t i = 0; i < s.keyDim; ++i) {
                dot += static_cast<double>(q[i]) * key[i];
            }
            scores[p] = static_cast<float>(dot) * s.scale;
            largest = p == 0 || scores[p] > largest ? scores[p] : largest;
        }
        double sum = 0;
        float* out = s.out + r * s.valueDim;
        for (std::size_t i = 0; i < s.valueDim; ++i) {
            out[i] = 0;
        }
        for (std::size_t p = 0; p < s.positions; ++p) {
            const float* value = s.values + p * s.valueStride;
            const float weight = std::exp(scores[p] - largest);
            sum += weight;
            for (std::size_t i = 0; i < s.valueDim; ++i) {
                out[i] = std::fma(weight, value[i], out[i]);
            }
        }
        s.max[r] = largest;
        s.sum[r] = static_cast<float>(sum);
    }
}

} // namespace ponder::kernels::reference
