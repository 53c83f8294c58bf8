#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace ponder {

/// A regular expression as tokenizer.json files write it (Oniguruma, Ruby's syntax), run by PCRE2 with the meaning that
/// Hugging Face's tokenizers give it.
///
/// Immutable and cheap to copy; any number of threads may use one, each with a Workspace of its own.
class Regex {
public:
    /// What a search needs besides the expression; to be used again and again by one thread.
    class Workspace {
    public:
        Workspace();
        Workspace(Workspace&&) noexcept;
        Workspace& operator=(Workspace&&) noexcept;
        ~Workspace();

    private:
        friend class Regex;
        struct Private;
        std::unique_ptr<Private> d;
    };

    struct Match {
        std::size_t begin = std::string_view::npos; ///< npos: none
        std::size_t end = 0;
    };

    /// Fails with UnsupportedTokenizer where the expression is damaged or uses what the two engines understand differently.
    [[nodiscard]] static Result<Regex> create(std::string_view pattern);

    /// The first match of text at or after `from` that is not empty. text: valid UTF-8. A search that goes past its bound
    /// of steps (some thousands, and some for every byte left) finds nothing: no published expression comes near.
    [[nodiscard]] Match find(std::string_view text, std::size_t from, Workspace& workspace) const;

private:
    struct Code;
    explicit Regex(std::shared_ptr<const Code> code);
    std::shared_ptr<const Code> m_code;
};

} // namespace ponder
