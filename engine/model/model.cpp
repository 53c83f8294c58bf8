#include "engine/model/model.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <new>
#include <utility>

#include "engine/file/printable.h"
#include "engine/file/warm_up.h"
#include "engine/model/agreement.h"
#include "engine/model/other_kind.h"

namespace ponder {
namespace {

/// FNV-1a, 64 bits: enough to tell one model file from another.
class Hash {
public:
    void add(std::span<const std::byte> bytes)
    {
        for (const std::byte b : bytes)
            m_state = (m_state ^ std::to_integer<std::uint64_t>(b)) * 0x100000001b3U;
    }
    void add(std::uint64_t number) { add(std::as_bytes(std::span{&number, 1})); }
    [[nodiscard]] std::string hex() const
    {
        std::array<char, 17> text{};
        std::snprintf(
            text.data(), text.size(), "%016llx", static_cast<unsigned long long>(m_state));
        return text.data();
    }

private:
    std::uint64_t m_state = 0xcbf29ce484222325U;
};

/// The head tells shapes and vocabularies apart, a little of every tensor two trainings of one
/// shape.
std::string fingerprint(const ModelFile& file)
{
    constexpr std::size_t kSample = 32;
    Hash hash;
    hash.add(file.fileBytes());
    for (const auto head : file.heads())
        hash.add(head);
    for (const ModelTensor& tensor : file.tensors()) {
        const auto piece = tensor.source.empty() ? tensor.piece(0) : tensor.source;
        const std::size_t middle = piece.size() / 2;
        hash.add(piece.subspan(middle).first(std::min(kSample, piece.size() - middle)));
    }
    return hash.hex();
}

std::string quantisation(const ModelFile& file)
{
    std::map<std::string_view, std::uint64_t> bytesOf;
    std::uint64_t all = 0;
    for (const ModelTensor& t : file.tensors()) {
        bytesOf[kernels::traits(t.type).name] += t.bytes;
        all += t.bytes;
    }
    std::vector<std::pair<std::uint64_t, std::string_view>> order;
    for (const auto& [type, bytes] : bytesOf)
        order.emplace_back(bytes, type);
    std::sort(order.rbegin(), order.rend());
    std::string text;
    for (const auto& [bytes, type] : order) {
        const auto percent = static_cast<unsigned>(
            100.0 * static_cast<double>(bytes) / static_cast<double>(all) + 0.5);
        text += (text.empty() ? "" : ", ") + std::string(type) + ' '
            + (percent == 0 ? "<1" : std::to_string(percent)) + " %";
    }
    return text;
}

ModelInfo describe(const ModelFile& file, const Network& network, const std::filesystem::path& path)
{
    ModelInfo info;
    std::error_code ignored;
    info.path = path;
    if (file.kind() == ModelFile::Kind::Folder && std::filesystem::is_regular_file(path, ignored))
        info.path = path.parent_path(); // opened by a file in it
    info.name = std::string(file.getString("general.name").value_or(""));
    if (info.name.empty())
        info.name = path.stem().string();
    info.architecture = std::string(file.getString("general.architecture").value_or(""));
    info.quantisation = quantisation(file);
    info.fingerprint = fingerprint(file);
    info.fileBytes = file.fileBytes();
    for (const ModelTensor& t : file.tensors())
        info.parameters += t.weightCount();
    info.activeParameters = network.activeParameters();
    info.contextLength = network.contextLength;
    info.layers = static_cast<std::uint32_t>(network.layers.size());
    info.vocabularySize = network.vocabularySize;
    for (const Layer& layer : network.layers) {
        if (const auto* moe = std::get_if<MoeFeedForward>(&layer.feedForward)) {
            info.experts = moe->routing.experts;
            info.expertsUsed = moe->routing.used;
        }
    }
    return info;
}

Result<Network> readFamily(const ModelFile& file, const Family& family)
{
    auto network = family.read(file);
    if (network) {
        if (auto ok = checkAgreement(file, *network); !ok)
            return tl::unexpected(ok.error());
    }
    return network;
}

Result<Network> readNetwork(const ModelFile& file, std::span<const Family> families)
{
    if (const std::string other = describeOtherKind(file); !other.empty())
        return fail(ErrorCode::UnsupportedFormat, other);
    const auto architecture = file.getString("general.architecture");
    if (!architecture)
        return fail(ErrorCode::FileCorrupt,
            "This file does not say which architecture its model has (general.architecture). It is "
            "damaged; choose another.");
    for (const Family& family : families) {
        if (family.architecture == *architecture)
            return file.tensors().empty()
                ? Result<Network>(fail(ErrorCode::UnsupportedFormat,
                      "This file holds a vocabulary only, no weights. Choose a whole model."))
                : readFamily(file, family);
    }
    std::string known;
    for (const Family& family : families)
        known += (known.empty() ? "" : ", ") + std::string(family.architecture);
    return fail(ErrorCode::UnsupportedArchitecture,
        "This model has the architecture \"" + printable(*architecture, 40)
            + "\", which Ponder cannot run yet. It runs: " + known + '.');
}

} // namespace

Model::Model(ModelFile file, Network network, ModelInfo info)
    : m_file(std::move(file))
    , m_network(std::move(network))
    , m_info(std::move(info))
{
}

Result<void> Model::intact() const
{
    auto change = m_file.change();
    if (!change && !m_isSpoilt)
        return {};
    if (!m_isSpoilt && change->kind == FileChange::Kind::Written
        && fingerprint(m_file) == m_info.fingerprint && !m_file.isLost()) {
        m_file.acceptWritten();
        return {};
    }
    // A file that was spoilt may look whole again, as where it is being copied anew.
    m_isSpoilt = true;
    return tl::unexpected(
        change.value_or(FileChange{FileChange::Kind::Written, m_info.path}).error());
}

Error Model::damage() const
{
    if (auto ok = intact(); !ok)
        return ok.error();
    if (m_file.wasWritten())
        return FileChange{FileChange::Kind::Written, m_info.path}.error();
    return {ErrorCode::FileCorrupt,
        "The model's results are no numbers: its weights are damaged. Download or copy the file "
        "again.",
        m_info.path.string()};
}

namespace {

Result<std::shared_ptr<const Model>> openModel(
    const std::filesystem::path& path, const ModelOpenOptions& options)
{
    auto file = ModelFile::open(path);
    if (!file)
        return tl::unexpected(file.error());
    auto network = readNetwork(*file, options.families);
    if (const auto change = file->change();
        change && (!network || change->kind != FileChange::Kind::Written))
        return tl::unexpected(change->error()); // what was read does not count
    if (!network) {
        Error error = network.error();
        error.message = printableName(path) + ": " + error.message;
        error.context = path.string() + ", " + error.context;
        return tl::unexpected(std::move(error));
    }
    network->reorderedBytes = file->reorderedBytes();
    if (options.warm) {
        if (auto ok = warmUp(*file, options.progress, options.stop); !ok)
            return tl::unexpected(ok.error());
    }
    ModelInfo info = describe(*file, *network, path);
    auto model
        = std::make_shared<const Model>(std::move(*file), std::move(*network), std::move(info));
    if (auto ok = model->intact(); !ok)
        return tl::unexpected(ok.error());
    return model;
}

} // namespace

Result<std::shared_ptr<const Model>> Model::open(
    const std::filesystem::path& path, const ModelOpenOptions& options)
{
    try {
        return openModel(path, options);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory,
            printableName(path)
                + ": there is not enough memory to open this model. Close other programs or choose "
                  "a smaller one.",
            path.string());
    }
}

} // namespace ponder
