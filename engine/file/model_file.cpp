#include "engine/file/model_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/file/gguf.h"
#include "engine/file/huggingface/folder.h"
#include "engine/file/piece_name.h"
#include "engine/file/printable.h"
#include "engine/file/split_name.h"

namespace ponder {
namespace {

constexpr std::string_view kPartNumber = "split.no";

std::uint64_t partCount(const GgufFile& file)
{
    return file.getUint("split.count").value_or(1);
}

/// From 0.
std::uint64_t partNumber(const GgufFile& file)
{
    return file.getUint(kPartNumber).value_or(0);
}

std::string partSentence(const GgufFile& file)
{
    return "this is part " + std::to_string(partNumber(file) + 1) + " of a model split into "
        + std::to_string(partCount(file)) + " files";
}

} // namespace

/// What the views point into.
struct ModelFile::Storage {
    Kind kind = Kind::Gguf;
    std::vector<GgufFile> parts; // of a GGUF
    std::optional<HuggingFaceFolder> folder;
    std::vector<std::span<const std::byte>> heads;
};

ModelFile::ModelFile()
    : m_storage(std::make_unique<Storage>())
{
}
ModelFile::ModelFile(ModelFile&&) noexcept = default;
ModelFile& ModelFile::operator=(ModelFile&&) noexcept = default;
ModelFile::~ModelFile() = default;

Result<ModelFile> ModelFile::open(const std::filesystem::path& path)
{
    const std::filesystem::path folder = HuggingFaceFolder::around(path);
    return folder.empty() ? openGguf(path) : openFolder(folder);
}

Result<ModelFile> ModelFile::fromBytes(std::span<const std::byte> bytes)
{
    auto gguf = GgufFile::fromBytes(bytes);
    if (!gguf)
        return tl::unexpected(gguf.error());
    if (const std::uint64_t parts = partCount(*gguf); parts > 1)
        return fail(
            ErrorCode::UnsupportedFormat, partSentence(*gguf) + ". Open it from its folder.");
    ModelFile file;
    if (auto ok = file.addGguf(std::move(*gguf)); !ok)
        return tl::unexpected(ok.error());
    return file;
}

Result<ModelFile> ModelFile::openGguf(const std::filesystem::path& path)
{
    auto gguf = GgufFile::open(path);
    if (!gguf) {
        const ErrorCode code = gguf.error().code;
        const auto piece = code == ErrorCode::FileTruncated || code == ErrorCode::FileCorrupt
                || code == ErrorCode::UnsupportedFormat
            ? describePiece(path)
            : std::nullopt;
        if (piece)
            return fail(ErrorCode::UnsupportedFormat, *piece, path.string());
        return tl::unexpected(gguf.error());
    }
    if (partCount(*gguf) > 1)
        return openParts(path, *gguf);
    ModelFile file;
    if (auto ok = file.addGguf(std::move(*gguf)); !ok)
        return tl::unexpected(ok.error());
    return file;
}

Result<ModelFile> ModelFile::openFolder(const std::filesystem::path& path)
{
    auto folder = HuggingFaceFolder::open(path);
    if (!folder)
        return tl::unexpected(folder.error());
    return fromFolder(std::move(*folder));
}

ModelFile ModelFile::fromFolder(HuggingFaceFolder folder)
{
    ModelFile file;
    file.m_storage->kind = Kind::Folder;
    const HuggingFaceFolder& kept = file.m_storage->folder.emplace(std::move(folder));
    for (const GgufEntry& entry : kept.entries())
        file.addEntry(entry);
    file.m_tensors.assign(kept.tensors().begin(), kept.tensors().end());
    for (std::size_t i = 0; i < file.m_tensors.size(); ++i)
        file.m_tensorOf.emplace(file.m_tensors[i].name, i);
    file.m_storage->heads = kept.heads();
    return file;
}

Result<ModelFile> ModelFile::openParts(const std::filesystem::path& path, const GgufFile& named)
{
    const std::string said = printableName(path) + ": " + partSentence(named);
    const auto name = parseSplitName(path);
    if (!name || name->count != partCount(named) || name->part != partNumber(named) + 1)
        return fail(ErrorCode::FileCorrupt,
            said
                + ", but its name says otherwise. Give all parts the names they were published "
                  "under.",
            path.string());
    ModelFile file;
    file.m_storage->kind = Kind::SplitGguf;
    for (std::uint32_t i = 1; i <= name->count; ++i) {
        const std::filesystem::path partPath = name->path(i);
        auto part = GgufFile::open(partPath);
        if (!part && part.error().code == ErrorCode::FileNotFound)
            return fail(ErrorCode::FileNotFound,
                said + ", and " + printableName(partPath)
                    + " is missing from its folder. Download that part too.",
                partPath.string());
        if (!part)
            return tl::unexpected(part.error());
        if (partCount(*part) != name->count || partNumber(*part) + 1 != i)
            return fail(ErrorCode::FileCorrupt,
                printableName(partPath) + ": " + partSentence(*part)
                    + ", but its name says otherwise. Download it again.",
                partPath.string());
        if (const auto key = file.contradiction(*part); !key.empty())
            return fail(ErrorCode::FileCorrupt,
                printableName(partPath) + " contradicts the first part of this model in "
                    + printable(key) + ". They do not belong together; download the parts again.",
                partPath.string());
        if (auto ok = file.addGguf(std::move(*part)); !ok)
            return tl::unexpected(ok.error());
    }
    const auto tensors = file.getUint("split.tensors.count");
    if (tensors && *tensors != file.m_tensors.size())
        return fail(ErrorCode::FileCorrupt,
            printableName(path) + " belongs to a model of " + std::to_string(*tensors)
                + " tensors, and its parts hold " + std::to_string(file.m_tensors.size())
                + ". They do not belong together; download the parts again.",
            path.string());
    return file;
}

std::string_view ModelFile::contradiction(const GgufFile& part) const
{
    for (const GgufEntry& entry : part.entries()) {
        const GgufEntry* first = this->entry(entry.key);
        if (first != nullptr && entry.key != kPartNumber
            && (entry.type != first->type || entry.isArray != first->isArray
                || !std::ranges::equal(entry.value, first->value)))
            return entry.key;
    }
    return {};
}

Result<void> ModelFile::addGguf(GgufFile file)
{
    if (m_storage->parts.empty()) {
        for (const GgufEntry& entry : file.entries())
            addEntry(entry);
    }
    for (const ModelTensor& tensor : file.tensors()) {
        if (!m_tensorOf.emplace(tensor.name, m_tensors.size()).second)
            return fail(ErrorCode::FileCorrupt,
                "The tensor " + printable(tensor.name)
                    + " occurs in two parts of this model. They do not belong together; download "
                      "them again.");
        m_tensors.push_back(tensor);
    }
    m_storage->heads.push_back(file.headBytes());
    m_storage->parts.push_back(std::move(file));
    return {};
}

ModelFile::Kind ModelFile::kind() const
{
    return m_storage->kind;
}

std::string ModelFile::format() const
{
    if (m_storage->folder)
        return "Hugging Face folder, " + std::to_string(m_storage->folder->fileCount())
            + (m_storage->folder->fileCount() == 1 ? " file" : " files");
    const std::size_t parts = m_storage->parts.size();
    return "GGUF " + std::to_string(m_storage->parts.front().version())
        + (parts > 1 ? " in " + std::to_string(parts) + " files" : "");
}

std::uint64_t ModelFile::fileBytes() const
{
    std::uint64_t bytes = m_storage->folder ? m_storage->folder->fileBytes() : 0;
    for (const GgufFile& part : m_storage->parts)
        bytes += part.fileBytes();
    return bytes;
}

std::span<const std::span<const std::byte>> ModelFile::heads() const
{
    return m_storage->heads;
}

void ModelFile::forEachMap(const std::function<void(const MappedFile&)>& call) const
{
    for (const GgufFile& part : m_storage->parts)
        call(part.map());
    if (m_storage->folder) {
        for (const SafeTensorsFile& shard : m_storage->folder->shards())
            call(shard.map());
    }
}

std::filesystem::path ModelFile::largestFile() const
{
    const MappedFile* largest = nullptr;
    forEachMap([&largest](const MappedFile& map) {
        if (largest == nullptr || map.bytes().size() > largest->bytes().size())
            largest = &map;
    });
    return largest == nullptr ? std::filesystem::path() : largest->path();
}

std::optional<FileChange> ModelFile::change() const
{
    std::optional<FileChange> worst;
    forEachMap([&worst](const MappedFile& map) {
        if (auto change = map.change(); change && (!worst || change->kind > worst->kind))
            worst = std::move(change);
    });
    return worst;
}

void ModelFile::acceptWritten() const
{
    forEachMap([](const MappedFile& map) { map.acceptWritten(); });
}

bool ModelFile::wasWritten() const
{
    bool written = false;
    forEachMap([&written](const MappedFile& map) { written |= map.wasWritten(); });
    return written;
}

bool ModelFile::isLost() const
{
    bool lost = false;
    forEachMap([&lost](const MappedFile& map) { lost |= map.isLost(); });
    return lost;
}

Result<void> ModelFile::prepare(
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress,
    const std::stop_token& stop) const
{
    if (isPrepared())
        return {};
    auto ok = m_storage->folder->reordered().prepare(progress, stop);
    if (const auto now = change(); ok && now && now->kind != FileChange::Kind::Written)
        return tl::unexpected(now->error());
    return ok;
}

std::uint64_t ModelFile::reorderedBytes() const
{
    return m_storage->folder ? m_storage->folder->reordered().totalBytes() : 0;
}

bool ModelFile::isPrepared() const
{
    return reorderedBytes() == 0 || m_storage->folder->reordered().isPrepared();
}

std::span<const ModelTensor> ModelFile::tensors() const
{
    return m_tensors;
}

const ModelTensor* ModelFile::tensor(std::string_view name) const
{
    const auto found = m_tensorOf.find(name);
    return found == m_tensorOf.end() ? nullptr : &m_tensors[found->second];
}

const FolderTexts* ModelFile::folder() const
{
    return m_storage->folder ? &m_storage->folder->texts() : nullptr;
}

} // namespace ponder
