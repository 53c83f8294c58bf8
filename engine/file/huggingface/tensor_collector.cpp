#include "engine/file/huggingface/tensor_collector.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <unordered_set>
#include <utility>

#include "engine/file/huggingface/tensor_names.h"
#include "engine/file/printable.h"
#include "kernels/types/half.h"

namespace ponder {
namespace {

constexpr std::string_view kScaleSuffix = "_scale_inv";
constexpr std::string_view kAfterAttention = "ffn_norm.weight"; // GGUF calls gpt-oss's otherwise
constexpr std::string_view kGateUpBias = "ffn_gate_up_exps.bias";

tl::unexpected<Error> brokenTensor(const std::string& what)
{
    return fail(ErrorCode::FileCorrupt,
        "This folder cannot be used: " + what + ". Download its files again.");
}

std::uint64_t blocks(std::uint64_t weights)
{
    return (weights + kernels::kScaleBlock - 1) / kernels::kScaleBlock;
}

} // namespace

Result<void> TensorCollector::collect()
{
    if (auto ok = sortByName(); !ok)
        return ok;
    for (const auto& [name, tensor] : m_plain) {
        if (auto ok = addPlain(name, *tensor); !ok)
            return ok;
    }
    for (auto& [name, experts] : m_stacks) {
        if (auto ok = addStack(name, experts); !ok)
            return ok;
    }
    addRopeFactors();
    if (auto ok = addExpertBiases(); !ok)
        return ok;
    return addMxfp4();
}

Result<void> TensorCollector::sortByName()
{
    std::unordered_set<std::string_view> seen;
    for (const SafeTensorsFile& shard : m_folder.m_shards) {
        for (const SafeTensor& tensor : shard.tensors()) {
            const std::string_view name = tensor.name;
            if (!seen.insert(name).second)
                return brokenTensor(
                    "the tensor " + printable(name) + " occurs in two of its files");
            if (name.ends_with(kScaleSuffix)) {
                m_scales.emplace(name.substr(0, name.size() - kScaleSuffix.size()), &tensor);
                continue;
            }
            const auto place = placeOfTensor(name, m_facts.layers);
            if (!place && !isDerivedTensor(name) && name.starts_with("model.layers."))
                return fail(ErrorCode::UnsupportedFormat,
                    "This folder's model has the tensor " + printable(name, 100)
                        + ", which Ponder does not know, so its answers would be wrong. Choose a "
                          "GGUF of this "
                          "model, if there is one.",
                    tensor.name);
            if (!place || (m_facts.tiedEmbeddings && place->name == "output.weight"))
                continue;
            if (m_facts.architecture == "gpt-oss" && place->name.ends_with(kAfterAttention))
                m_plain.emplace(place->name.substr(0, place->name.size() - kAfterAttention.size())
                        + "post_attention_norm.weight",
                    &tensor);
            else if (place->name.ends_with(".blocks") || place->name.ends_with(".scales"))
                m_mxfp4.emplace(place->name, &tensor);
            else if (place->name.ends_with(kGateUpBias))
                m_gateUpBiases.emplace(place->name, &tensor);
            else if (place->expert)
                m_stacks[place->name].emplace_back(*place->expert, &tensor);
            else
                m_plain.emplace(place->name, &tensor);
        }
    }
    return {};
}

void TensorCollector::add(const std::string& name, ModelTensor tensor)
{
    tensor.name = m_folder.m_names.emplace_back(name);
    m_folder.m_tensors.push_back(std::move(tensor));
}

Result<ModelTensor> TensorCollector::describe(const SafeTensor& tensor) const
{
    if (!tensor.type || (*tensor.type == TensorType::F8_E4M3 && !m_facts.blockScaledFp8))
        return fail(ErrorCode::UnsupportedQuantisation,
            "The tensor " + printable(tensor.name, 100) + " is stored as "
                + std::string(tensor.dtype)
                + ", which Ponder cannot compute with. Choose a BF16 folder or a GGUF of this "
                  "model.",
            tensor.name);
    ModelTensor described;
    described.type = *tensor.type;
    described.dimensionCount = std::max(tensor.dimensionCount, 1U);
    for (std::uint32_t i = 0; i < tensor.dimensionCount; ++i)
        described.dimensions[i] = tensor.dimensions[tensor.dimensionCount - 1 - i];
    described.bytes = tensor.data.size();
    described.data = tensor.data;
    return described;
}

Result<const float*> TensorCollector::scalesOf(const SafeTensor& tensor)
{
    const auto found = m_scales.find(tensor.name);
    if (found == m_scales.end())
        return brokenTensor("the scales of " + printable(tensor.name, 100) + " ("
            + std::string(kScaleSuffix.substr(1)) + ") are in none of its files");
    const SafeTensor& scale = *found->second;
    const std::uint64_t count = blocks(tensor.dimensions[0]) * blocks(tensor.dimensions[1]);
    if (tensor.dimensionCount != 2 || scale.dimensionCount != 2
        || scale.dimensions[0] != blocks(tensor.dimensions[0])
        || scale.dimensions[1] != blocks(tensor.dimensions[1]))
        return brokenTensor("the scales of " + printable(tensor.name, 100)
            + " are not one for every 128 x 128 of its weights");
    const std::byte* data = scale.data.data();
    if (scale.dtype == "F32" && reinterpret_cast<std::uintptr_t>(data) % alignof(float) == 0)
        return reinterpret_cast<const float*>(data);
    std::vector<float>& values = m_folder.m_floats.emplace_back(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (scale.dtype == "F32") {
            std::memcpy(&values[i], data + i * sizeof(float), sizeof(float));
        } else if (scale.dtype == "BF16") {
            std::uint16_t half = 0;
            std::memcpy(&half, data + i * sizeof half, sizeof half);
            values[i] = kernels::bfloat16ToFloat(half);
        } else if (scale.dtype == "U8" || scale.dtype == "F8_E8M0") {
            // ue8m0: a power of two, its exponent in excess of 127.
            values[i] = std::ldexp(1.0F, std::to_integer<int>(data[i]) - 127);
        } else {
            return brokenTensor("the scales of " + printable(tensor.name, 100) + " are stored as "
                + std::string(scale.dtype));
        }
    }
    return values.data();
}

Result<void> TensorCollector::addPlain(const std::string& name, const SafeTensor& tensor)
{
    auto described = describe(tensor);
    if (!described)
        return tl::unexpected(described.error());
    if (described->type == TensorType::F8_E4M3) {
        const auto scales = scalesOf(tensor);
        if (!scales)
            return tl::unexpected(scales.error());
        described->scales = *scales;
    }
    add(name, std::move(*described));
    return {};
}

Result<void> TensorCollector::addStack(const std::string& name, std::vector<Expert>& experts)
{
    std::ranges::sort(experts, {}, &Expert::first);
    for (std::size_t i = 0; i < experts.size(); ++i) {
        if (experts[i].first != i)
            return brokenTensor(
                "expert " + std::to_string(i) + " of " + name + " is in none of its files");
    }
    const SafeTensor& first = *experts.front().second;
    auto stack = describe(first);
    if (!stack)
        return tl::unexpected(stack.error());
    if (first.dimensionCount != 2)
        return brokenTensor("the tensor " + printable(first.name, 100) + " is no matrix");
    for (const auto& [number, tensor] : experts) {
        if (tensor->dimensionCount != 2 || tensor->dimensions != first.dimensions
            || tensor->type != first.type)
            return brokenTensor("the experts of " + name + " differ in shape or type");
        kernels::MatrixPlace place{tensor->data.data(), nullptr};
        if (stack->type == TensorType::F8_E4M3) {
            const auto scales = scalesOf(*tensor);
            if (!scales)
                return tl::unexpected(scales.error());
            place.scales = *scales;
        }
        stack->places.push_back(place);
    }
    stack->dimensionCount = 3;
    stack->dimensions[2] = experts.size();
    stack->bytes *= experts.size();
    stack->data = {};
    add(name, std::move(*stack));
    return {};
}

void TensorCollector::addRopeFactors()
{
    if (m_facts.ropeFactors.empty())
        return;
    const std::vector<float>& factors = m_folder.m_floats.emplace_back(m_facts.ropeFactors);
    ModelTensor tensor;
    tensor.data = std::as_bytes(std::span(factors));
    tensor.bytes = tensor.data.size();
    tensor.dimensions[0] = factors.size();
    add("rope_freqs.weight", std::move(tensor));
}

} // namespace ponder
