// Any JSON as a tokenizer.json: it is refused with a sentence, or it makes a tokenizer whose tokens are its own.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/text/tokenizer.h"
#include "engine/text/vocabulary_reader.h"

namespace {

void require(bool condition)
{
    if (!condition)
        std::abort();
}

constexpr std::string_view kTexts[] = {"", "ab 12  Hello, it's\n\n",
    " <a><s> \xE2\x96\x81 e\xCC\x81 \xF0\x9F\x99\x82 \xFF\xC3", "aaaaaaaaaaaaaaaaaaaaaaaa"};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto* text = reinterpret_cast<const char*>(data);
    const nlohmann::json file = nlohmann::json::parse(text, text + size, nullptr, false);
    if (file.is_discarded())
        return 0;
    // One document stands for all that a folder has.
    const auto vocabulary = ponder::readVocabulary(ponder::VocabularyTexts{file, file, file, file});
    if (!vocabulary) {
        require(vocabulary.error().message.ends_with('.'));
        return 0;
    }
    const ponder::Tokenizer tokenizer = ponder::Tokenizer::create(*vocabulary);
    require(tokenizer.bos() < tokenizer.vocabSize() && tokenizer.eos() < tokenizer.vocabSize());
    for (const std::string_view typed : kTexts) {
        const auto ids = tokenizer.encode(typed, ponder::ParseSpecial::Yes);
        for (const std::int32_t id : ids)
            require(id >= 0 && id < tokenizer.vocabSize());
        require(tokenizer.decode(ids).size() <= (ids.size() + 1) * size);
    }
    return 0;
}
