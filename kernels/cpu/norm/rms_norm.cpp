#include "kernels/cpu/norm/rms_norm.h"

#include <cassert>

#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/parallel/grain.h"

namespace ponder::kernels {

void rmsNorm(Cpu& cpu, ConstFloatRows x, std::span<const float> weight, float epsilon, FloatRows y)
{
    assert(x.rows == y.rows && x.cols == y.cols && weight.size() == x.cols);
    cpu.pool().parallelFor(
        x.rows, rowGrain(x.cols), [&](std::size_t begin, std::size_t end, std::size_t) {
            for (std::size_t t = begin; t < end; ++t) {
                cpu.kernels().rmsNorm(x.row(t), weight.data(), epsilon, x.cols, y.row(t));
            }
        });
}

} // namespace ponder::kernels
