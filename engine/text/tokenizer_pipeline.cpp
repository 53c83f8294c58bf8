#include "engine/text/tokenizer_pipeline.h"

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/base/utf8.h"
#include "engine/text/split_rules.h"

namespace ponder {

namespace {

using nlohmann::json;

constexpr int kDeepest = 8; ///< sequences in sequences
constexpr std::size_t kMaxSplits = 32;
constexpr std::string_view kSpace = "▁";

tl::unexpected<Error> unknownStep(const std::string& step, const char* part)
{
    return fail(ErrorCode::UnsupportedTokenizer,
        "This model's tokenizer.json prepares text in a way that Ponder does not know: \""
            + utf8Repaired(step.substr(0, 80)) + "\".",
        part);
}

std::string textOf(const json& object, const char* key)
{
    const auto value = object.find(key);
    return value != object.end() && value->is_string() ? value->get<std::string>() : std::string();
}

bool flagOf(const json& object, const char* key, bool otherwise)
{
    const auto value = object.find(key);
    return value != object.end() && value->is_boolean() ? value->get<bool>() : otherwise;
}

/// A step's pattern: a regular expression, or a text that stands for itself.
std::optional<std::string> patternOf(const json& step, bool& isRegex)
{
    const auto pattern = step.find("pattern");
    if (pattern == step.end() || !pattern->is_object())
        return std::nullopt;
    isRegex = pattern->contains("Regex");
    const auto value = pattern->find(isRegex ? "Regex" : "String");
    if (value == pattern->end() || !value->is_string())
        return std::nullopt;
    return value->get<std::string>();
}

std::string escaped(std::string_view text)
{
    std::string pattern;
    for (const char c : text) {
        if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos)
            pattern += '\\';
        pattern += c;
    }
    return pattern;
}

class PipelineReader {
public:
    Result<void> normalizer(const json& step, int depth = 0)
    {
        if (step.is_null())
            return {};
        if (!step.is_object())
            return unknownStep(step.type_name(), "normalizer");
        const std::string type = textOf(step, "type");
        if (type == "Sequence")
            return sequence(step, "normalizers", depth, &PipelineReader::normalizer);
        if (type == "NFC") {
            m_made.compose = true;
            return {};
        }
        if (type == "Prepend" && textOf(step, "prepend") == kSpace) {
            m_made.spacePrefix = SpacePrefix::EveryText;
            return {};
        }
        bool isRegex = false;
        if (type == "Replace" && patternOf(step, isRegex) == " " && !isRegex
            && textOf(step, "content") == kSpace) {
            m_made.escapesSpaces = true;
            return {};
        }
        return unknownStep(type, "normalizer");
    }

    Result<void> preTokenizer(const json& step, int depth = 0)
    {
        if (step.is_null())
            return {};
        if (!step.is_object())
            return unknownStep(step.type_name(), "pre_tokenizer");
        const std::string type = textOf(step, "type");
        if (m_made.byteLevel || m_made.splits.size() >= kMaxSplits)
            return unknownStep(type + " behind the others", "pre_tokenizer");
        if (type == "Sequence")
            return sequence(step, "pretokenizers", depth, &PipelineReader::preTokenizer);
        if (type == "Split")
            return split(step);
        if (type == "Digits") {
            m_made.splits.push_back(
                {flagOf(step, "individual_digits", false) ? "\\p{N}" : "\\p{N}+"});
            return {};
        }
        if (type == "ByteLevel") {
            if (flagOf(step, "add_prefix_space", true))
                return unknownStep("ByteLevel with a space before the text", "pre_tokenizer");
            m_made.byteLevel = true;
            if (flagOf(step, "use_regex", true))
                m_made.splits.push_back({std::string(byteLevelPattern())});
            return {};
        }
        if (type == "Metaspace")
            return metaspace(step);
        return unknownStep(type, "pre_tokenizer");
    }

    TokenizerPipeline take() { return std::move(m_made); }

private:
    Result<void> sequence(const json& step, const char* key, int depth,
        Result<void> (PipelineReader::*read)(const json&, int))
    {
        const auto list = step.find(key);
        if (list == step.end() || !list->is_array() || depth >= kDeepest)
            return unknownStep("Sequence", key);
        for (const json& inner : *list)
            if (auto done = (this->*read)(inner, depth + 1); !done)
                return done;
        return {};
    }

    Result<void> split(const json& step)
    {
        bool isRegex = false;
        const auto pattern = patternOf(step, isRegex);
        const std::string behavior = textOf(step, "behavior");
        const bool inverted = flagOf(step, "invert", false);
        const bool isolated = behavior == "Isolated" && !inverted;
        const bool matchesOnly = behavior == "Removed" && inverted;
        if (!pattern || (!isolated && !matchesOnly))
            return unknownStep(
                "Split, " + behavior + (inverted ? ", inverted" : ""), "pre_tokenizer");
        m_made.splits.push_back({isRegex ? *pattern : escaped(*pattern), matchesOnly});
        return {};
    }

    Result<void> metaspace(const json& step)
    {
        const std::string scheme = textOf(step, "prepend_scheme");
        if (textOf(step, "replacement") != kSpace || flagOf(step, "split", true)
            || (scheme != "first" && scheme != "never"))
            return unknownStep("Metaspace, " + scheme, "pre_tokenizer");
        m_made.escapesSpaces = true;
        m_made.spacePrefix = scheme == "first" ? SpacePrefix::First : SpacePrefix::None;
        return {};
    }

    TokenizerPipeline m_made;
};

} // namespace

Result<TokenizerPipeline> readPipeline(const json& tokenizer)
{
    const auto part = [&](const char* key) -> const json& {
        static const json none;
        const auto found = tokenizer.find(key);
        return found != tokenizer.end() ? *found : none;
    };
    PipelineReader reader;
    if (auto read = reader.normalizer(part("normalizer")); !read)
        return tl::unexpected(read.error());
    if (auto read = reader.preTokenizer(part("pre_tokenizer")); !read)
        return tl::unexpected(read.error());
    return reader.take();
}

} // namespace ponder
