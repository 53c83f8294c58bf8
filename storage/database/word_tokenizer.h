#pragma once

struct sqlite3;

namespace ponder::storage {

/// Makes FTS5's tokenizer "ponder" known to a connection, which the index of messages names.
///
/// It cuts text as unicode61 does (case and accents do not count, "_" belongs to a word), but for
/// scripts that are written without spaces: there every character is a word of its own. A search for a
/// run of such characters is a search for these words in a row, so that it finds any part of a
/// sentence, one character too. Returns SQLite's code; SQLITE_ERROR where it was built without FTS5.
[[nodiscard]] int addWordTokenizer(sqlite3* handle);

/// Whether characters of this script are words by themselves: Chinese, Japanese, Korean, Thai, Lao,
/// Burmese, Khmer, Tibetan.
[[nodiscard]] bool isWrittenWithoutSpaces(char32_t character);

} // namespace ponder::storage
