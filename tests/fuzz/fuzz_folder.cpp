// Any texts and weights as a Hugging Face folder: either a sentence that says what is wrong, or a model of
// which every part that is promised can be read. An input is a config.json, a zero byte, an index, a
// zero byte, and a safetensors file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

#include "engine/file/huggingface/folder.h"
#include "engine/file/huggingface/shard_index.h"
#include "engine/file/json_text.h"
#include "engine/file/model_file.h"
#include "engine/model/family.h"

namespace {

using Bytes = std::span<const std::byte>;

volatile float keptSum = 0;

void require(bool condition)
{
    if (!condition)
        std::abort();
}

/// What stands before the next zero byte.
Bytes takeText(Bytes& input)
{
    const auto end = std::find(input.begin(), input.end(), std::byte{0});
    const Bytes text(input.begin(), end);
    input = Bytes(end == input.end() ? end : end + 1, input.end());
    return text;
}

void readAll(const ponder::ModelFile& file)
{
    float sum = 0;
    for (const ponder::ModelTensor& tensor : file.tensors()) {
        require(file.tensor(tensor.name) == &tensor);
        for (std::size_t i = 0; i < tensor.pieceCount(); ++i) {
            for (const std::byte byte : tensor.piece(i))
                sum += static_cast<float>(byte);
        }
        const std::size_t blocks
            = ((tensor.dimensions[0] + 127) / 128) * ((tensor.dimensions[1] + 127) / 128);
        for (std::size_t i = 0; tensor.scales != nullptr && i < blocks; ++i)
            sum += tensor.scales[i];
        for (const auto& place : tensor.places) {
            for (std::size_t i = 0; place.scales != nullptr && i < blocks; ++i)
                sum += place.scales[i];
        }
    }
    keptSum = keptSum + sum;
    for (const ponder::GgufEntry& entry : file.entries())
        require(file.entry(entry.key) == &entry && !ponder::describeValue(entry).empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    Bytes input = std::as_bytes(std::span(data, size));
    auto config = ponder::parseJson(takeText(input));
    if (const auto index = ponder::parseJson(takeText(input))) {
        const auto names = ponder::readShardIndex(*index);
        require(names ? !names->empty() : !names.error().message.empty());
    }
    auto shard = ponder::SafeTensorsFile::fromBytes(input);
    if (!config || !shard)
        return 0;
    std::vector<ponder::SafeTensorsFile> shards;
    shards.push_back(std::move(*shard));
    ponder::FolderTexts texts;
    texts.generationConfig = *config;
    texts.config = std::move(*config);
    auto folder = ponder::HuggingFaceFolder::assemble("fuzz", std::move(texts), std::move(shards));
    if (!folder) {
        require(!folder.error().message.empty());
        return 0;
    }
    const ponder::ModelFile file = ponder::ModelFile::fromFolder(std::move(*folder));
    readAll(file);
    for (const ponder::Family& family : ponder::builtinFamilies()) {
        const auto network = family.read(file);
        require(network || !network.error().message.empty());
    }
    return 0;
}
