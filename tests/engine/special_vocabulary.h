#pragma once

#include <string>
#include <vector>

#include "tests/engine/small_vocabulary.h"

namespace ponder::test {

/// The vocabulary of tests/data/tokenizers without DeepSeek's special tokens, and with these instead, after all others.
/// type: GGUF's, 3 for control; 0: the file says of no token what it is.
inline GgufBytes vocabularyWith(
    const std::vector<std::string>& special, std::int32_t type = 3, const char* pre = "gpt-2")
{
    const nlohmann::json vocabulary = readJson("tokenizers/vocabulary.json");
    std::vector<std::string> tokens;
    std::vector<std::int32_t> types;
    const std::vector<std::string> all = vocabulary["tokens"];
    const std::vector<std::int32_t> allTypes = vocabulary["types"];
    for (std::size_t i = 0; i < all.size(); ++i)
        if (allTypes[i] == 1) {
            tokens.push_back(all[i]);
            types.push_back(1);
        }
    for (const std::string& token : special) {
        tokens.push_back(token);
        types.push_back(type);
    }
    GgufBytes file;
    file.putText("tokenizer.ggml.model", "gpt2");
    file.putText("tokenizer.ggml.pre", pre);
    file.put("tokenizer.ggml.tokens", 9, textArray(tokens));
    if (type != 0)
        file.put("tokenizer.ggml.token_type", 9, intArray(types));
    file.put("tokenizer.ggml.merges", 9, textArray(vocabulary["merges"]));
    return file;
}

} // namespace ponder::test
