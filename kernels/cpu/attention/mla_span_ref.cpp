#include <cmath>

#include "kernels/cpu/dispatch/reference.h"

namespace ponder::kernels::reference {

void mlaSpan(const MlaSpan& s)
{
    for (std::size_t h = 0; h < s.heads; ++h) {
        const float* q = s.q + h * s.qStride;
        float* scores = s.scores + h * kMlaSpan;
        float largest = 0;
        for (std::size_t p = 0; p < s.positions; ++p) {
            const float* key = s.cache + p * s.cacheStride;
            double dot = 0;
            for (std::size_t i = 0; i < s.keyDim; ++i) {
                dot += static_cast<double>(q[i]) * key[i];
            }
            scores[p] = static_cast<float>(dot) * s.scale;
            largest = p == 0 || scores[p] > largest ? scores[p] : largest;
        }
        double sum = 0;
        float* out = s.out + h * s.rank;
        for (std::size_t i = 0; i < s.rank; ++i) {
            out[i] = 0;
        }
        for (std::size_t p = 0; p < s.positions; ++p) {
            const float* value = s.cache + p * s.cacheStride;
            const float weight = std::exp(scores[p] - largest);
            sum += weight;
            for (std::size_t i = 0; i < s.rank; ++i) {
                out[i] = std::fma(weight, value[i], out[i]);
            }
        }
        s.max[h] = largest;
        s.sum[h] = static_cast<float>(sum);
    }
}

} // namespace ponder::kernels::reference
