#pragma once

#include <string_view>

#include "engine/text/vocabulary.h"

namespace ponder {

/// Gives control tokens that a file stores as ordinary ones their type: those that look like one ("<|im_end|>",
/// "<think>"), and those that look like markup and that the chat template or an id of the file (vocabulary.bos, eos,
/// unknown, endings) names. A token that merging makes of others stays ordinary: it is text that occurs. Adds a
/// sentence to vocabulary.remark where there were any.
///
/// It also gives their type to those that look like one and that the file calls unused or a byte, and to byte tokens
/// that it stores as ordinary ones.
///
/// hasTypes: the file says of its tokens what they are. Where it does not, the sentence says that instead.
/// Preconditions: all of the vocabulary but its remark is read.
void findControlTokens(Vocabulary& vocabulary, std::string_view chatTemplate, bool hasTypes);

/// "<…>" and "[…]".
[[nodiscard]] bool looksLikeMarkup(std::string_view token);

} // namespace ponder
