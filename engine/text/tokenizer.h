#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/utf8.h"
#include "engine/file/model_file.h"

namespace ponder {

/// Whether text like "<｜User｜>" in the input becomes the special token or the characters one reads.
enum class ParseSpecial { No, Yes };

struct Vocabulary;

/// A model's vocabulary: text to token ids and back. Byte-level BPE ("gpt2" in GGUF) under the rules in split_rules.cpp,
/// and SentencePiece ("llama"); the same of tokenizer.json.
///
/// Special tokens are those of the types control and unknown, and those of type user-defined that look like
/// markup ("<think>", "[PAD]"): they are parsed only where asked. Other user-defined tokens are
/// ordinary text that the publisher added whole ("ü"); they are always matched, as in the publisher's
/// own tokenizer.
///
/// Immutable after loading and cheap to copy (copies share the tables); any number of threads may
/// use one. The ModelFile is not needed after loading.
class Tokenizer {
public:
    /// vocabulary: consistent, as the readers in vocabulary_reader.h give it. Takes some 100 ms for 130 000 tokens.
    [[nodiscard]] static Tokenizer create(const Vocabulary& vocabulary);

    /// Fails with UnsupportedTokenizer (a model or pre-tokenizer that is not supported; the sentence names
    /// it) or FileCorrupt (tokens or merges missing, of the wrong type, or contradicting each other).
    [[nodiscard]] static Result<Tokenizer> fromModelFile(const ModelFile& file);

    /// Token ids of `text`, without BOS. Never fails: bytes that are not UTF-8 become their byte
    /// tokens, so that decode() gives the input back (where the vocabulary has no token for a byte, U+FFFD's
    /// stand for it; where the model wants its text composed, what comes back is composed). Time grows as n log n with the text, whatever it is.
    ///
    /// `literals`: byte offsets in text, ascending, of characters that no special token may include:
    /// how text from a person stays text inside a rendered prompt (see RenderedPrompt::literals).
    [[nodiscard]] std::vector<std::int32_t> encode(std::string_view text, ParseSpecial special,
        std::span<const std::size_t> literals = {}) const;

    /// The bytes of the tokens; special tokens as they are written. Ids outside the vocabulary give nothing.
    [[nodiscard]] std::string decode(std::span<const std::int32_t> ids) const;

    /// The bytes of one token, perhaps a part of a character. Empty outside the vocabulary.
    [[nodiscard]] std::string_view bytes(std::int32_t id) const;

    /// One token for showing: bytes that are no whole character as U+FFFD.
    [[nodiscard]] std::string tokenText(std::int32_t id) const;

    /// The id of the special or user-defined token that is written like this; -1 for none.
    [[nodiscard]] std::int32_t find(std::string_view text) const;

    [[nodiscard]] std::int32_t vocabSize() const;
    [[nodiscard]] bool isSpecial(std::int32_t id) const;

    /// True for every token that ends an answer: EOS, EOT, EOM, and tokens known by name
    /// ("<｜end▁of▁sentence｜>", "<|im_end|>", "<|eot_id|>", …).
    [[nodiscard]] bool isEndOfGeneration(std::int32_t id) const;
    [[nodiscard]] std::span<const std::int32_t> endOfGeneration() const; ///< all of them, ascending

    [[nodiscard]] std::int32_t bos() const; ///< -1 for none
    [[nodiscard]] std::int32_t eos() const; ///< -1 for none
    [[nodiscard]] bool addBos() const; ///< the model expects BOS before every prompt

    /// A sentence where something that the file does not say had to be guessed; else empty.
    [[nodiscard]] const std::string& remark() const;

    /// Characters with which a special token begins or ends: what ChatTemplate must protect in texts of people.
    [[nodiscard]] const std::u32string& specialEdges() const;

private:
    struct Tables;
    explicit Tokenizer(std::shared_ptr<const Tables> tables);
    std::shared_ptr<const Tables> m_tables;
};

/// Tokens in, whole UTF-8 out: holds bytes back until their character is whole. For one stream;
/// not thread-safe.
class StreamDecoder {
public:
    explicit StreamDecoder(Tokenizer tokenizer);

    /// The characters that this token completes; may be empty. Invalid bytes become U+FFFD.
    [[nodiscard]] std::string push(std::int32_t id);

    /// What is left, as U+FFFD where it is no whole character. The decoder starts afresh.
    [[nodiscard]] std::string finish();

private:
    Tokenizer m_tokenizer;
    Utf8Stream m_stream;
};

} // namespace ponder
