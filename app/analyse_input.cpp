#include "app/analyse_input.h"

#include <algorithm>
#include <utility>

#include "engine/reasoning/characters.h"
#include "engine/reasoning/step_splitter.h"

namespace ponder::cli {

namespace {

using Json = nlohmann::ordered_json;

struct Tags {
    std::string_view open, close;
};
constexpr Tags kTags[] = {{"<think>", "</think>"}, {"<thinking>", "</thinking>"},
    {"<thought>", "</thought>"}, {"<reasoning>", "</reasoning>"}, {"<seed:think>", "</seed:think>"},
    {"[THINK]", "[/THINK]"}, {"<|begin_of_thought|>", "<|end_of_thought|>"},
    {"<|channel|>analysis<|message|>", "<|end|>"}};

/// A question's answer may be a number in JSON.
std::string textOf(const Json& object, const char* key)
{
    const auto found = object.find(key);
    if (found == object.end() || found->is_null())
        return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

/// Where the thought stands in a text. Without tags all of it is the thought.
AnalyseInput splitText(std::string_view text)
{
    std::size_t begin = 0;
    std::size_t end = text.size();
    std::size_t answer = text.size();
    std::size_t first = std::string_view::npos;
    for (const Tags& tags : kTags) {
        const std::size_t open = text.find(tags.open);
        // Templates open a thought in the prompt, so that only its end is in the text.
        const std::size_t from = open == std::string_view::npos ? 0 : open + tags.open.size();
        const std::size_t close = text.find(tags.close, from);
        if (std::min(open, close) >= first
            || (open == std::string_view::npos && close == std::string_view::npos))
            continue;
        first = std::min(open, close);
        begin = from;
        end = std::min(close, text.size());
        answer = close == std::string_view::npos ? text.size() : close + tags.close.size();
    }
    AnalyseInput input;
    input.record.reasoning = text.substr(begin, end - begin);
    input.record.answer = text.substr(answer);
    input.record.stepBegins = stepBegins(input.record.reasoning);
    const CodePoints points(text);
    input.reasoningStart = points.at(begin);
    input.answerStart = points.at(answer);
    return input;
}

bool isJsonLine(std::string_view line)
{
    const Json object = Json::parse(line, nullptr, false);
    return object.is_object() && object.contains("reasoning");
}

} // namespace

Result<std::vector<AnalyseInput>> readAnalyseInput(std::string_view text)
{
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    std::vector<AnalyseInput> inputs;
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    const std::string_view first
        = begin == std::string_view::npos ? "" : text.substr(begin, text.find('\n', begin) - begin);
    if (!first.starts_with('{') || !isJsonLine(first)) {
        inputs.push_back(splitText(text));
        return inputs;
    }
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos)
            continue;
        const Json object = Json::parse(line, nullptr, false);
        if (!object.is_object() || !object.contains("reasoning"))
            return fail(ErrorCode::InvalidArgument,
                "Line " + std::to_string(number) + " is no JSON object with \"reasoning\".");
        AnalyseInput input;
        if (const auto id = object.find("id"); id != object.end())
            input.id = *id;
        input.record.reasoning = textOf(object, "reasoning");
        input.record.answer = textOf(object, "answer");
        input.record.question = textOf(object, "question");
        input.record.language = textOf(object, "language");
        input.record.stepBegins = stepBegins(input.record.reasoning);
        inputs.push_back(std::move(input));
    }
    return inputs;
}

} // namespace ponder::cli
