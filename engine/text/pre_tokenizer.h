#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"

namespace ponder {

/// Splits text into the pieces inside which BPE merges: words with the space before them, numbers,
/// punctuation. The rules are the regular expressions of DeepSeek's tokenizer.json files, run by PCRE2.
///
/// Immutable and cheap to copy; any number of threads may use one.
class PreTokenizer {
public:
    /// name: GGUF's tokenizer.ggml.pre. Fails with UnsupportedTokenizer.
    [[nodiscard]] static Result<PreTokenizer> create(std::string_view name);

    /// text: valid UTF-8. The pieces, views into text, in order and without gaps.
    [[nodiscard]] std::vector<std::string_view> split(std::string_view text) const;

    [[nodiscard]] static std::string supported(); ///< the names, for a sentence

private:
    struct Patterns;
    explicit PreTokenizer(std::shared_ptr<const Patterns> patterns);
    std::shared_ptr<const Patterns> m_patterns;
};

} // namespace ponder
