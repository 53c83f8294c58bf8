#include "engine/file/huggingface/folder.h"

#include <algorithm>
#include <cctype>

#include "engine/file/huggingface/config_keys.h"
#include "engine/file/huggingface/shard_index.h"
#include "engine/file/huggingface/tensor_collector.h"
#include "engine/file/json_text.h"
#include "engine/file/mapped_file.h"
#include "engine/file/printable.h"

namespace ponder {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uint64_t kMaxTextBytes = 128U << 20U; // the largest published tokenizers have 35 MB

/// A file of JSON; null where there is none. isNeeded: false for what a model can be run without: then
/// what cannot be read is null, too.
Result<Json> readJson(const fs::path& path, bool isNeeded = true)
{
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        return Json();
    const auto map = MappedFile::open(path);
    if (!map && !isNeeded)
        return Json();
    if (!map)
        return tl::unexpected(map.error());
    const std::string name = printableName(path);
    if (map->bytes().size() > kMaxTextBytes)
        return fail(ErrorCode::FileCorrupt,
            "This folder's " + name + " is larger than any model's. It is damaged.", path.string());
    auto json = parseJson(map->bytes());
    if (auto change = map->change(); change && (!json || map->isLost()))
        return tl::unexpected(change->error()); // what was read does not count
    if (!json && !isNeeded)
        return Json();
    if (!json) // people write in these files, so a fresh copy is not the only way
        return fail(ErrorCode::FileCorrupt,
            "This folder's " + name + ' ' + json.error().message
                + ". Correct it there, or download the file again.",
            path.string());
    return json;
}

bool isBlank(const std::string& text)
{
    return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

/// The template in a "chat_template" of JSON: a text, or a list of texts with names, of which the one for chats is
/// "default". Empty where there is none.
std::string templateIn(const Json& json)
{
    const Json value = json.is_object() ? json.value("chat_template", Json()) : Json();
    if (value.is_string())
        return value.get<std::string>();
    std::string found;
    bool isForChats = false;
    for (const Json& each : value.is_array() ? value : Json::array()) {
        if (!each.is_object() || !each.value("template", Json()).is_string())
            continue;
        const Json named = each.value("name", Json());
        const std::string name = named.is_string() ? named.get<std::string>() : std::string();
        if (name == "default")
            return each["template"].get<std::string>();
        const bool chats = name != "tool_use" && name != "rag";
        if (found.empty() || (chats && !isForChats)) {
            found = each["template"].get<std::string>();
            isForChats = chats;
        }
    }
    return found;
}

/// chat_template.jinja; where there is none, or a blank one, chat_template.json's, else tokenizer_config.json's.
Result<std::string> readChatTemplate(const fs::path& folder, const Json& tokenizerConfig)
{
    const fs::path path = folder / "chat_template.jinja";
    std::error_code ignored;
    const auto size = fs::file_size(path, ignored);
    if (!ignored && size > 0) {
        const auto map = MappedFile::open(path);
        if (!map)
            return tl::unexpected(map.error());
        if (map->bytes().size() > (1U << 20U))
            return fail(ErrorCode::FileCorrupt,
                "This folder's chat_template.jinja is larger than any template. It is damaged.",
                path.string());
        std::string source(reinterpret_cast<const char*>(map->bytes().data()), map->bytes().size());
        if (!isBlank(source))
            return source;
    }
    // A model whose template is broken can still be asked: it is as if there were none.
    const std::string source = templateIn(readJson(folder / "chat_template.json").value_or(Json()));
    return isBlank(source) ? templateIn(tokenizerConfig) : source;
}

Result<void> readTexts(const fs::path& folder, FolderTexts& texts)
{
    const std::pair<const char*, Json*> files[] = {
        {"config.json", &texts.config},
        {"generation_config.json", &texts.generationConfig},
        {"tokenizer.json", &texts.tokenizer},
        {"tokenizer_config.json", &texts.tokenizerConfig},
    };
    for (const auto& [name, into] : files) {
        auto json = readJson(folder / name, into != &texts.generationConfig);
        if (!json)
            return tl::unexpected(json.error());
        *into = std::move(*json);
    }
    auto chat = readChatTemplate(folder, texts.tokenizerConfig);
    if (!chat)
        return tl::unexpected(chat.error());
    texts.chatTemplate = std::move(*chat);
    return {};
}

tl::unexpected<Error> missing(const fs::path& folder, const std::string& name)
{
    return fail(ErrorCode::FileNotFound,
        "The folder " + printableName(folder) + " lacks " + name + ". Download that file too.",
        (folder / name).string());
}

/// The files that hold the weights, by the index or alone.
Result<std::vector<std::string>> shardNames(const fs::path& folder)
{
    const auto index = readJson(folder / kShardIndexName);
    if (!index)
        return tl::unexpected(index.error());
    std::error_code ignored;
    if (!index->is_null())
        return readShardIndex(*index);
    if (fs::exists(folder / "model.safetensors", ignored))
        return std::vector<std::string>{"model.safetensors"};
    return missing(
        folder, "model.safetensors, or " + std::string(kShardIndexName) + " and its files");
}

/// "DeepSeek-R1" of …/DeepSeek-R1, and of Hugging Face's own cache, …/models--deepseek-ai--DeepSeek-R1/snapshots/1a2b.
std::string nameOf(const fs::path& folder)
{
    std::error_code ignored;
    const fs::path whole = fs::absolute(folder, ignored).lexically_normal();
    const fs::path path = whole.has_filename() ? whole : whole.parent_path();
    if (path.parent_path().filename() != "snapshots")
        return path.filename().string();
    const std::string cached = path.parent_path().parent_path().filename().string();
    const auto last = cached.rfind("--");
    return last == std::string::npos ? cached : cached.substr(last + 2);
}

} // namespace

fs::path HuggingFaceFolder::around(const fs::path& path)
{
    std::error_code ignored;
    if (fs::is_directory(path, ignored))
        return path;
    std::string ending = path.extension().string();
    std::ranges::transform(
        ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (path.filename() == "config.json" || ending == ".safetensors"
        || path.filename() == kShardIndexName)
        return path.has_parent_path() ? path.parent_path() : fs::path(".");
    return {};
}

Result<HuggingFaceFolder> HuggingFaceFolder::open(const fs::path& folder)
{
    std::error_code ignored;
    if (!fs::exists(folder / "config.json", ignored))
        return fail(ErrorCode::FileNotFound,
            "The folder " + printableName(folder)
                + " holds no model: it lacks config.json. Choose a folder with a config.json and "
                  ".safetensors, or a .gguf file.",
            folder.string());
    FolderTexts texts;
    if (auto ok = readTexts(folder, texts); !ok)
        return tl::unexpected(ok.error());
    const auto names = shardNames(folder);
    if (!names)
        return tl::unexpected(names.error());
    std::vector<SafeTensorsFile> shards;
    for (const std::string& name : *names) {
        auto shard = SafeTensorsFile::open(folder / name);
        if (!shard && shard.error().code == ErrorCode::FileNotFound)
            return missing(folder, name);
        if (!shard)
            return tl::unexpected(shard.error());
        shards.push_back(std::move(*shard));
    }
    return assemble(nameOf(folder), std::move(texts), std::move(shards));
}

Result<HuggingFaceFolder> HuggingFaceFolder::assemble(
    const std::string& name, FolderTexts texts, std::vector<SafeTensorsFile> shards)
{
    HuggingFaceFolder folder;
    *folder.m_texts = std::move(texts);
    folder.m_shards = std::move(shards);
    folder.m_configBytes
        = folder.m_texts->config.dump(-1, ' ', false, Json::error_handler_t::replace);
    folder.m_metadata.putText("general.name", name);
    const auto facts = readFolderConfig(*folder.m_texts, folder.m_metadata);
    if (!facts)
        return tl::unexpected(facts.error());
    if (auto ok = TensorCollector(folder, *facts).collect(); !ok)
        return tl::unexpected(ok.error());
    folder.countPredictionLayers(*facts);
    return folder;
}

void HuggingFaceFolder::countPredictionLayers(const FolderFacts& facts)
{
    const std::string first = "blk." + std::to_string(facts.layers) + ".nextn.";
    if (facts.predictionLayers == 0
        || std::ranges::none_of(
            m_tensors, [&first](const ModelTensor& t) { return t.name.starts_with(first); }))
        return;
    m_metadata.putInt(facts.architecture + ".block_count", facts.layers + facts.predictionLayers);
    m_metadata.putInt(facts.architecture + ".nextn_predict_layers", facts.predictionLayers);
}

std::vector<std::span<const std::byte>> HuggingFaceFolder::heads() const
{
    std::vector<std::span<const std::byte>> heads = {std::as_bytes(std::span(m_configBytes))};
    for (const SafeTensorsFile& shard : m_shards)
        heads.push_back(shard.headBytes());
    return heads;
}

std::uint64_t HuggingFaceFolder::fileBytes() const
{
    std::uint64_t bytes = 0;
    for (const SafeTensorsFile& shard : m_shards)
        bytes += shard.fileBytes();
    return bytes;
}

} // namespace ponder
