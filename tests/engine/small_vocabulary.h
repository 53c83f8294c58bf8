#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/text/tokenizer.h"
#include "tests/engine/gguf_bytes.h"

namespace ponder::test {

inline nlohmann::json readJson(const std::string& name)
{
    std::ifstream file(std::string(PONDER_TEST_DATA) + "/" + name);
    return nlohmann::json::parse(file);
}

inline std::string textArray(const std::vector<std::string>& texts)
{
    std::string bytes
        = GgufBytes::raw<std::uint32_t>(8) + GgufBytes::raw<std::uint64_t>(texts.size());
    for (const std::string& text : texts)
        bytes += GgufBytes::text(text);
    return bytes;
}

inline std::string intArray(const std::vector<std::int32_t>& numbers)
{
    std::string bytes
        = GgufBytes::raw<std::uint32_t>(5) + GgufBytes::raw<std::uint64_t>(numbers.size());
    for (const std::int32_t number : numbers)
        bytes += GgufBytes::raw(number);
    return bytes;
}

/// The vocabulary of tests/data/tokenizers under one of the pre-tokenizers.
inline GgufBytes smallVocabulary(const std::string& pre)
{
    const nlohmann::json vocabulary = readJson("tokenizers/vocabulary.json");
    GgufBytes file;
    file.putText("tokenizer.ggml.model", "gpt2");
    file.putText("tokenizer.ggml.pre", pre);
    file.put("tokenizer.ggml.tokens", 9, textArray(vocabulary["tokens"]));
    file.put("tokenizer.ggml.token_type", 9, intArray(vocabulary["types"]));
    file.put("tokenizer.ggml.merges", 9, textArray(vocabulary["merges"]));
    file.putUint("tokenizer.ggml.bos_token_id", 0);
    file.putUint("tokenizer.ggml.eos_token_id", 1);
    file.put("tokenizer.ggml.add_bos_token", 7, std::string(1, '\1'));
    return file;
}

inline Result<Tokenizer> load(const GgufBytes& built)
{
    const std::string bytes = built.build();
    const auto file = ModelFile::fromBytes(bytesOf(bytes));
    if (!file)
        return tl::unexpected(file.error());
    return Tokenizer::fromModelFile(*file);
}

} // namespace ponder::test
