// Any bytes as a model file: either a sentence that says what is wrong, or a file of which every
// part that is promised can be read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "engine/file/model_file.h"
#include "engine/model/family.h"
#include "engine/text/tokenizer.h"

namespace {

/// Reads every byte, so that the sanitizer sees it; the sum keeps the reading from being dropped.
volatile unsigned long keptSum = 0;

void readAll(std::span<const std::byte> bytes)
{
    unsigned long sum = 0;
    for (const std::byte byte : bytes)
        sum += std::to_integer<unsigned char>(byte);
    keptSum = keptSum + sum;
}

void require(bool condition)
{
    if (!condition)
        std::abort();
}

void readEntries(const ponder::ModelFile& file)
{
    for (const ponder::GgufEntry& entry : file.entries()) {
        readAll(entry.value);
        require(file.entry(entry.key) == &entry);
        require(!ponder::describeValue(entry).empty() || entry.count == 0);
        (void)file.getString(entry.key);
        (void)file.getUint(entry.key);
        (void)file.getInt(entry.key);
        (void)file.getFloat(entry.key);
        (void)file.getBool(entry.key);
        if (const auto strings = file.getStrings(entry.key))
            for (const std::string_view text : *strings)
                readAll(std::as_bytes(std::span(text)));
        (void)file.getInts(entry.key);
        (void)file.getFloats(entry.key);
    }
}

/// A vocabulary that loads gives every text back.
void readVocabulary(const ponder::ModelFile& file)
{
    const auto tokenizer = ponder::Tokenizer::fromModelFile(file);
    if (!tokenizer) {
        require(!tokenizer.error().message.empty());
        return;
    }
    const std::vector<std::int32_t> ids
        = tokenizer->encode("ab <think>\n\xc3\xbc 1234", ponder::ParseSpecial::Yes);
    for (const std::int32_t id : ids)
        require(id >= 0 && id < tokenizer->vocabSize());
    (void)tokenizer->decode(ids);
    (void)tokenizer->bytes(-1);
    (void)tokenizer->bytes(tokenizer->vocabSize());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto file = ponder::ModelFile::fromBytes(std::as_bytes(std::span(data, size)));
    if (!file) {
        require(!file.error().message.empty());
        return 0;
    }
    readEntries(*file);
    readVocabulary(*file);
    for (const ponder::ModelTensor& tensor : file->tensors()) {
        require(file->tensor(tensor.name) == &tensor);
        readAll(tensor.data);
    }
    for (const ponder::Family& family : ponder::builtinFamilies()) {
        const auto network = family.read(*file);
        require(network || !network.error().message.empty());
    }
    return 0;
}
