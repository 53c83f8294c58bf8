#pragma once

#include <string>
#include <string_view>

namespace ponder {

/// text in Unicode's composed normal form (NFC, UAX #15), as Hugging Face's tokenizers compose it: e and U+0301
/// become é. Bytes that are no valid UTF-8 stay as they are, and nothing composes across them.
/// Time grows as n log n at most.
[[nodiscard]] std::string composed(std::string_view text);

/// False where composed(text) is certainly text: quicker than composing.
[[nodiscard]] bool mayCompose(std::string_view text);

} // namespace ponder
