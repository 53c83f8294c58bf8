#include "engine/file/gguf_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "engine/file/foreign_file.h"
#include "engine/file/printable.h"

namespace ponder {
namespace {

constexpr std::uint64_t kMaxAlignment = 1U << 20; // 32 is usual; far above any real file's
constexpr std::uint64_t kMaxNameBytes = 65535; // the format's own limit for keys
// Far above every published model's (1,100 tensors; 262,000 tokens and 580,000 merges; heads of
// 20 MB), and low enough that a file of holes takes little memory before it is refused.
constexpr std::uint64_t kMaxEntries = 1U << 16U;
constexpr std::uint64_t kMaxTensors = 1U << 17U;
constexpr std::uint64_t kMaxElements = 1U << 21U; // of one list
constexpr std::uint64_t kMaxHeadBytes = 256U << 20U;

static_assert(std::endian::native == std::endian::little, "GGUF values are read in place");

/// a * b, or false where that does not fit.
bool multiply(std::uint64_t a, std::uint64_t b, std::uint64_t& product)
{
    return !__builtin_mul_overflow(a, b, &product);
}

} // namespace

GgufReader::GgufReader(GgufFile& file)
    : m_file(file)
    , m_whole(file.m_bytes)
    , m_bytes(file.m_head)
{
}

template <typename T> bool GgufReader::take(T& value)
{
    if (left() < sizeof(T))
        return false;
    std::memcpy(&value, m_bytes.data() + m_at, sizeof(T));
    m_at += sizeof(T);
    return true;
}

bool GgufReader::takeString(std::string_view& text)
{
    std::uint64_t length = 0;
    if (!take(length) || length > left())
        return false;
    text = {reinterpret_cast<const char*>(m_bytes.data() + m_at), static_cast<std::size_t>(length)};
    m_at += length;
    return true;
}

tl::unexpected<Error> GgufReader::truncated(std::string_view what) const
{
    return fail(ErrorCode::FileTruncated,
        "The file ends in the middle of " + std::string(what)
            + ": it is incomplete or damaged. Download or copy it again.",
        "offset " + std::to_string(m_at) + " of " + std::to_string(m_bytes.size()));
}

tl::unexpected<Error> GgufReader::corrupt(const std::string& what) const
{
    return fail(ErrorCode::FileCorrupt,
        "The file is damaged: " + what + ". Download or copy it again.",
        "offset " + std::to_string(m_at));
}

Result<void> GgufReader::read()
{
    std::uint64_t tensorCount = 0;
    std::uint64_t entryCount = 0;
    if (auto ok = readHeader(tensorCount, entryCount); !ok)
        return ok;
    for (std::uint64_t i = 0; i < entryCount; ++i) {
        if (auto ok = readEntry(); !ok)
            return ok;
    }
    if (auto ok = readAlignment(); !ok)
        return ok;
    for (std::uint64_t i = 0; i < tensorCount; ++i) {
        if (auto ok = readTensorInfo(); !ok)
            return ok;
    }
    if (auto ok = placeTensors(); !ok)
        return ok;
    return refuseOverlaps();
}

Result<void> GgufReader::readHeader(std::uint64_t& tensorCount, std::uint64_t& entryCount)
{
    char magic[4] = {};
    if (!take(magic) || std::memcmp(magic, "GGUF", 4) != 0) {
        return fail(ErrorCode::UnsupportedFormat, "This file " + describeForeignFile(m_bytes));
    }
    if (!take(m_file.m_version))
        return truncated("its first bytes");
    const std::uint32_t version = m_file.m_version;
    if ((version & 0xFFFFU) == 0 && version != 0)
        return fail(ErrorCode::UnsupportedFormat,
            "This GGUF file was written for big-endian machines. Choose one for ordinary "
            "computers.");
    if (version != 2 && version != 3)
        return fail(ErrorCode::UnsupportedFormat,
            "This file is GGUF version " + std::to_string(version)
                + "; Ponder reads versions 2 and 3. Choose a "
                + (version < 2 ? "newer file of this model." : "newer Ponder or another file."));
    if (!take(tensorCount) || !take(entryCount))
        return truncated("its first bytes");
    if (entryCount > kMaxEntries || tensorCount > kMaxTensors)
        return corrupt("it claims " + std::to_string(entryCount) + " metadata keys and "
            + std::to_string(tensorCount) + " tensors, more than any model has");
    return {};
}

Result<void> GgufReader::refuseLargeHead() const
{
    return m_at <= kMaxHeadBytes
        ? Result<void>()
        : corrupt("its metadata takes more than " + std::to_string(kMaxHeadBytes >> 20U)
              + " MiB, as no model's does");
}

Result<void> GgufReader::readEntry()
{
    GgufEntry entry{};
    if (!takeString(entry.key))
        return truncated("its metadata");
    if (entry.key.empty() || entry.key.size() > kMaxNameBytes)
        return corrupt("a metadata key of " + std::to_string(entry.key.size()) + " bytes");
    std::uint32_t type = 0;
    if (!take(type))
        return truncated("its metadata");
    entry.isArray = type == static_cast<std::uint32_t>(GgufType::Array);
    if (entry.isArray && (!take(type) || !take(entry.count)))
        return truncated("its metadata");
    if (entry.isArray && type == static_cast<std::uint32_t>(GgufType::Array))
        return fail(ErrorCode::UnsupportedFormat,
            "The metadata key " + printable(entry.key)
                + " holds lists of lists, which no known model uses. The file is damaged or too "
                  "new.");
    if (type > static_cast<std::uint32_t>(GgufType::F64))
        return corrupt("the metadata key " + printable(entry.key) + " has the unknown type "
            + std::to_string(type));
    entry.type = static_cast<GgufType>(type);
    if (auto ok = skipValue(entry); !ok)
        return ok;
    if (auto ok = refuseLargeHead(); !ok)
        return ok;
    if (!m_file.addEntry(entry))
        return corrupt("the metadata key " + printable(entry.key) + " occurs twice");
    return {};
}

Result<void> GgufReader::skipValue(GgufEntry& entry)
{
    const std::uint64_t start = m_at;
    if (entry.count > kMaxElements)
        return corrupt("the list " + printable(entry.key) + " claims " + std::to_string(entry.count)
            + " elements, more than any model has");
    if (entry.type == GgufType::String) {
        // Each string takes at least its eight bytes of length, so a lying count ends at the file's
        // end.
        if (entry.count > left() / 8)
            return truncated("the list " + printable(entry.key));
        std::string_view text;
        for (std::uint64_t i = 0; i < entry.count; ++i) {
            if (!takeString(text))
                return truncated("the metadata key " + printable(entry.key));
        }
    } else {
        std::uint64_t size = 0;
        if (!multiply(entry.count, ggufTypeBytes(entry.type), size) || size > left())
            return truncated("the metadata key " + printable(entry.key));
        m_at += size;
    }
    entry.value = m_bytes.subspan(start, m_at - start);
    return {};
}

Result<void> GgufReader::readAlignment()
{
    if (m_file.entry("general.alignment") == nullptr)
        return {};
    const auto alignment = m_file.getUint("general.alignment");
    if (!alignment || *alignment < 8 || *alignment > kMaxAlignment
        || !std::has_single_bit(*alignment))
        return corrupt(
            "its alignment is not a power of two from 8 to " + std::to_string(kMaxAlignment));
    m_alignment = *alignment;
    return {};
}

Result<void> GgufReader::readTensorInfo()
{
    ModelTensor tensor{};
    std::uint32_t dimensions = 0;
    if (!takeString(tensor.name) || !take(dimensions))
        return truncated("its list of tensors");
    const std::string name = printable(tensor.name);
    if (tensor.name.empty() || tensor.name.size() > kMaxNameBytes)
        return corrupt("a tensor's name has " + std::to_string(tensor.name.size()) + " bytes");
    if (dimensions < 1 || dimensions > 4)
        return corrupt("the tensor " + name + " claims " + std::to_string(dimensions)
            + " dimensions (1 to 4 are possible)");
    tensor.dimensionCount = dimensions;
    std::uint64_t weights = 1;
    for (std::uint32_t i = 0; i < dimensions; ++i) {
        if (!take(tensor.dimensions[i]))
            return truncated("its list of tensors");
        if (tensor.dimensions[i] == 0 || !multiply(weights, tensor.dimensions[i], weights))
            return corrupt("the tensor " + name + " claims impossible dimensions");
    }
    std::uint32_t type = 0;
    std::uint64_t offset = 0;
    if (!take(type) || !take(offset))
        return truncated("its list of tensors");
    const auto known = kernels::tensorTypeFromGguf(type);
    if (!known)
        return fail(ErrorCode::UnsupportedQuantisation,
            "The tensor " + name + " is stored as type " + std::to_string(type)
                + ", which Ponder does not know. Choose a Q4_K_M file of this model.");
    tensor.type = *known;
    const kernels::TensorTraits& traits = kernels::traits(*known);
    if (tensor.dimensions[0] % traits.weightsPerBlock != 0)
        return corrupt("the rows of the tensor " + name + " are no multiple of "
            + std::to_string(traits.weightsPerBlock) + ", as " + std::string(traits.name)
            + " needs");
    std::uint64_t size = 0;
    if (!multiply(weights / traits.weightsPerBlock, traits.bytesPerBlock, size))
        return corrupt("the tensor " + name + " claims an impossible size");
    if (offset % m_alignment != 0)
        return corrupt("the tensor " + name + " does not start at a multiple of "
            + std::to_string(m_alignment));
    if (!m_file.m_tensorOf.emplace(tensor.name, m_file.m_tensors.size()).second)
        return corrupt("the tensor " + name + " occurs twice");
    tensor.bytes = size;
    m_sizes.push_back(size);
    m_offsets.push_back(offset);
    m_file.m_tensors.push_back(tensor);
    return refuseLargeHead();
}

Result<void> GgufReader::placeTensors()
{
    std::uint64_t dataStart = (m_at + m_alignment - 1) / m_alignment * m_alignment;
    if (m_file.m_tensors.empty()) {
        m_file.m_head = m_bytes.first(m_at); // a vocabulary: nothing follows
        return {};
    }
    m_file.m_head = m_bytes.first(std::min<std::uint64_t>(dataStart, m_bytes.size()));
    std::uint64_t needed = 0;
    for (std::size_t i = 0; i < m_offsets.size(); ++i) {
        std::uint64_t end = 0;
        if (__builtin_add_overflow(m_offsets[i], m_sizes[i], &end)
            || __builtin_add_overflow(end, dataStart, &end))
            return corrupt("the tensor " + printable(m_file.m_tensors[i].name)
                + " claims an impossible place");
        needed = std::max(needed, end);
    }
    if (needed > m_whole.size())
        return fail(ErrorCode::FileTruncated,
            "The file is incomplete: " + std::to_string(needed - m_whole.size()) + " of "
                + std::to_string(needed)
                + " bytes are missing. Download or copy it again; the download was probably "
                  "interrupted.");
    for (std::size_t i = 0; i < m_offsets.size(); ++i)
        m_file.m_tensors[i].data = m_whole.subspan(dataStart + m_offsets[i], m_sizes[i]);
    return {};
}

Result<void> GgufReader::refuseOverlaps() const
{
    std::vector<const ModelTensor*> order;
    order.reserve(m_file.m_tensors.size());
    for (const ModelTensor& t : m_file.m_tensors)
        order.push_back(&t);
    std::sort(order.begin(), order.end(),
        [](const ModelTensor* a, const ModelTensor* b) { return a->data.data() < b->data.data(); });
    for (std::size_t i = 1; i < order.size(); ++i) {
        const ModelTensor& before = *order[i - 1];
        if (before.data.data() + before.data.size() > order[i]->data.data())
            return corrupt("the tensors " + printable(before.name) + " and "
                + printable(order[i]->name) + " overlap");
    }
    return {};
}

} // namespace ponder
