// The part of TensorCollector that is gpt-oss's own.
#include <cstring>
#include <utility>

#include "engine/file/huggingface/tensor_collector.h"
#include "engine/file/printable.h"
#include "kernels/types/half.h"

namespace ponder {
namespace {

constexpr std::string_view kGateUp = "ffn_gate_up_exps.";
constexpr std::uint64_t kGroup = 32; // weights of a block

tl::unexpected<Error> broken(const std::string& what)
{
    return fail(ErrorCode::FileCorrupt,
        "This folder cannot be used: " + what + ". Download its files again.");
}

/// "blk.3.ffn_up_exps." of "blk.3.ffn_gate_up_exps." and "up"; other names as they are.
std::string named(const std::string& stem, const char* which)
{
    if (!stem.ends_with(kGateUp))
        return stem;
    return stem.substr(0, stem.size() - kGateUp.size()) + "ffn_" + which + "_exps.";
}

} // namespace

Result<void> TensorCollector::addMxfp4()
{
    Mxfp4Order& order = *m_folder.m_reordered;
    std::vector<std::string> names;
    std::vector<Mxfp4Order::Stack> stacks;
    for (const auto& [name, blocks] : m_mxfp4) {
        const std::size_t ending = name.rfind('.') + 1;
        const std::string stem = name.substr(0, ending);
        const bool isBlocks = name.substr(ending) == "blocks";
        const auto other = m_mxfp4.find(stem + (isBlocks ? "scales" : "blocks"));
        if (other == m_mxfp4.end())
            return broken("the tensor " + printable(blocks->name, 100)
                + (isBlocks ? " has no scales" : " has no weights") + " in any of its files");
        if (!isBlocks)
            continue;
        const SafeTensor& scales = *other->second;
        const auto& d = blocks->dimensions; // [experts, rows, groups, 16]
        if (blocks->dtype != "U8" || scales.dtype != "U8" || blocks->dimensionCount != 4
            || d[3] != 16 || scales.dimensionCount != 3 || scales.dimensions[0] != d[0]
            || scales.dimensions[1] != d[1] || scales.dimensions[2] != d[2])
            return broken("the tensor " + printable(blocks->name, 100)
                + " is not MXFP4 as gpt-oss is published, with a scale for every 32 weights");
        const bool isDouble = stem.ends_with(kGateUp);
        if (isDouble && d[1] % 2 != 0)
            return broken(
                "the tensor " + printable(blocks->name, 100) + " has an odd number of rows");
        const std::uint64_t step = isDouble ? 2 : 1;
        for (std::uint64_t i = 0; i < step; ++i) {
            names.push_back(named(stem, i == 0 ? "gate" : "up") + "weight");
            stacks.push_back({blocks->data, scales.data, d[0], d[1] / step, d[2], i, step});
            order.add(stacks.back());
        }
    }
    if (auto ok = order.reserve(); !ok)
        return ok;
    for (std::size_t i = 0; i < stacks.size(); ++i) {
        const Mxfp4Order::Stack& stack = stacks[i];
        ModelTensor tensor;
        tensor.type = TensorType::MXFP4;
        tensor.dimensionCount = 3;
        tensor.dimensions = {stack.groups * kGroup, stack.rows, stack.experts, 1};
        tensor.bytes = stack.bytes();
        tensor.data = order.bytes(i);
        tensor.source = stack.numbers;
        add(names[i], std::move(tensor));
    }
    return {};
}

Result<void> TensorCollector::addExpertBiases()
{
    for (const auto& [name, bias] : m_gateUpBiases) {
        const auto& d = bias->dimensions; // [experts, 2 * rows], gate and up by turns
        const bool isBf16 = bias->dtype == "BF16";
        if (bias->dimensionCount != 2 || d[1] % 2 != 0 || (!isBf16 && bias->dtype != "F32"))
            return broken("the tensor " + printable(bias->name, 100)
                + " is not a bias of gate and up for every expert");
        const std::string stem = name.substr(0, name.size() - std::string_view("bias").size());
        for (std::size_t part = 0; part < 2; ++part) {
            std::vector<float>& values = m_folder.m_floats.emplace_back(d[0] * d[1] / 2);
            for (std::size_t i = 0; i < values.size(); ++i) {
                const std::size_t at = 2 * i + part;
                if (isBf16) {
                    std::uint16_t half = 0;
                    std::memcpy(&half, &bias->data[at * sizeof half], sizeof half);
                    values[i] = kernels::bfloat16ToFloat(half);
                } else {
                    std::memcpy(&values[i], &bias->data[at * sizeof(float)], sizeof(float));
                }
            }
            ModelTensor tensor;
            tensor.dimensionCount = 2;
            tensor.dimensions = {d[1] / 2, d[0], 1, 1};
            tensor.data = std::as_bytes(std::span(values));
            tensor.bytes = tensor.data.size();
            add(named(stem, part == 0 ? "gate" : "up") + "bias", std::move(tensor));
        }
    }
    return {};
}

} // namespace ponder
