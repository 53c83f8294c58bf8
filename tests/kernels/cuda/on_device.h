#pragma once

#include <vector>

#include "kernels/selfcheck/random.h"
#include "tests/kernels/cuda/emulated.h"

namespace ponder::kernels::cuda {

/// A stack of weights copied to the device, rows packed and aligned as a loader would have them.
class DeviceWeights {
public:
    explicit DeviceWeights(const WeightStack& w)
        : m_bytes(std::max<std::size_t>(bytesOf(w), 1))
        , m_scales(std::max<std::size_t>(scalesOf(w), 1))
        , m_stack(w)
    {
        if (bytesOf(w) > 0)
            REQUIRE(upload(std::span(w.data, bytesOf(w)), m_bytes.data(), nullptr).ok());
        if (scalesOf(w) > 0)
            REQUIRE(upload(std::span(w.scales.data, scalesOf(w)), m_scales.data(), nullptr).ok());
        REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
        m_stack.data = m_bytes.data();
        m_stack.scales.data = scalesOf(w) > 0 ? m_scales.data() : nullptr;
    }

    [[nodiscard]] WeightStack stack() const { return m_stack; }
    [[nodiscard]] WeightView matrix() const { return m_stack.matrix(0); }

private:
    static std::size_t bytesOf(const WeightStack& w)
    {
        const std::size_t rows = w.count * w.rows;
        return rows == 0 ? 0 : (rows - 1) * w.rowStride + rowBytes(w.type, w.cols).value_or(0);
    }
    static std::size_t scalesOf(const WeightStack& w)
    {
        return w.scales.data == nullptr
            ? 0
            : (w.count * w.rows + kScaleBlock - 1) / kScaleBlock * w.scales.stride;
    }

    OnDevice<std::byte> m_bytes;
    OnDevice<float> m_scales;
    WeightStack m_stack;
};

} // namespace ponder::kernels::cuda
