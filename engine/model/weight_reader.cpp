#include "engine/model/weight_reader.h"

#include <cstring>
#include <limits>

#include "kernels/types/half.h"

namespace ponder {
namespace {

/// They are copied, and a file of holes has as many as it likes. Published models have 160 MB at most.
constexpr std::uint64_t kMaxVectorBytes = 512U << 20U;

std::string shape(const std::uint64_t* dimensions, std::size_t count)
{
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += (i == 0 ? "" : " x ") + std::to_string(dimensions[i]);
    return text;
}

} // namespace

void WeightReader::refuse(ErrorCode code, const std::string& message, const std::string& name)
{
    if (!m_error)
        m_error = Error{code, message, name};
}

const ModelTensor* WeightReader::find(const std::string& name)
{
    const ModelTensor* tensor = m_file.tensor(name);
    m_use.tensors.insert(name);
    if (tensor == nullptr)
        refuse(ErrorCode::FileCorrupt,
            "The tensor " + name
                + " is missing from this model file. It is incomplete or of a kind "
                  "that Ponder does not know; choose another file.",
            name);
    return tensor;
}

WeightMatrix WeightReader::matrix(
    const std::string& name, std::uint64_t columns, std::uint64_t rows, std::uint64_t count)
{
    const ModelTensor* tensor = find(name);
    if (tensor == nullptr)
        return {};
    const auto& d = tensor->dimensions;
    const bool stacked = d[0] == columns && d[1] == rows && d[2] == count && d[3] == 1;
    const bool flat = d[0] == columns && d[1] == rows * count && d[2] == 1 && d[3] == 1;
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
    if (!stacked && !flat) {
        const std::uint64_t wanted[] = {columns, rows, count};
        refuse(ErrorCode::FileCorrupt,
            "The tensor " + name + " has the shape " + shape(d.data(), tensor->dimensionCount)
                + " where the file's own parameters need " + shape(wanted, count == 1 ? 2 : 3)
                + ". The file is damaged; choose another.",
            name);
        return {};
    }
    if (columns > kMax || rows > kMax || count > kMax) {
        refuse(ErrorCode::FileCorrupt, "The tensor " + name + " is impossibly large.", name);
        return {};
    }
    if (!kernels::traits(tensor->type).supported) {
        const std::string type{kernels::traits(tensor->type).name};
        refuse(ErrorCode::UnsupportedQuantisation,
            "This file uses " + type
                + ", which Ponder cannot read yet; choose a Q4_K_M file of this model.",
            name + ": " + type);
        return {};
    }
    WeightMatrix m;
    m.type = tensor->type;
    m.data = tensor->piece(0).data();
    m.places = tensor->places;
    m.scales = tensor->scales;
    m.columns = static_cast<std::uint32_t>(columns);
    m.rows = static_cast<std::uint32_t>(rows);
    m.count = static_cast<std::uint32_t>(count);
    m.rowBytes = tensor->bytes / (rows * count);
    m.stride = m.rowBytes * rows;
    return m;
}

WeightVector WeightReader::vectorIfThere(
    const std::string& name, std::uint64_t length, std::uint64_t count)
{
    return has(name) ? vector(name, length, count) : WeightVector{};
}

WeightVector WeightReader::vector(
    const std::string& name, std::uint64_t length, std::uint64_t count)
{
    const ModelTensor* tensor = find(name);
    if (tensor == nullptr)
        return {};
    if (m_error)
        return {};
    if (tensor->weightCount() != length * count || tensor->dimensions[0] != length
        || tensor->dimensions[1] != count) {
        const std::uint64_t wanted[] = {length, count};
        refuse(ErrorCode::FileCorrupt,
            "The tensor " + name + " has the shape "
                + shape(tensor->dimensions.data(), tensor->dimensionCount)
                + " where the file's own parameters need " + shape(wanted, count == 1 ? 1 : 2)
                + ". The file is damaged; choose another.",
            name);
        return {};
    }
    m_vectorBytes += length * count * sizeof(float);
    if (m_vectorBytes > kMaxVectorBytes) {
        refuse(ErrorCode::FileCorrupt,
            "This model file has more than " + std::to_string(kMaxVectorBytes >> 20U)
                + " MiB of norms and biases, as no model has. It is damaged; choose another.",
            name);
        return {};
    }
    WeightVector values(length * count);
    const std::byte* data = tensor->data.data();
    if (tensor->type == TensorType::F32) {
        std::memcpy(values.data(), data, values.size() * sizeof(float));
        return values;
    }
    if (tensor->type != TensorType::F16 && tensor->type != TensorType::BF16) {
        refuse(ErrorCode::UnsupportedQuantisation,
            "The tensor " + name + " is stored as "
                + std::string(kernels::traits(tensor->type).name)
                + ", where Ponder expects F32. Choose another file of this model.",
            name);
        return {};
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::uint16_t half = 0;
        std::memcpy(&half, data + 2 * i, sizeof half);
        values[i] = tensor->type == TensorType::F16 ? kernels::halfToFloat(half)
                                                    : kernels::bfloat16ToFloat(half);
    }
    return values;
}

} // namespace ponder
