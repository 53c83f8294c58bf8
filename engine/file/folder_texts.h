#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace ponder {

/// The JSON files of a Hugging Face folder, parsed within bounds of size, depth and number of
/// values. `null` where the folder has no such file; what the folder cannot do without (config) is
/// an object. Nothing inside was checked: every value may be of any type.
struct FolderTexts {
    nlohmann::json config; ///< config.json
    nlohmann::json generationConfig; ///< generation_config.json
    nlohmann::json tokenizer; ///< tokenizer.json
    nlohmann::json tokenizerConfig; ///< tokenizer_config.json
    /// chat_template.jinja, chat_template.json's or tokenizer_config.json's chat_template (the one named "default", or
    /// else for chats, where it is a list); also in the metadata as tokenizer.chat_template. Empty where there is none.
    std::string chatTemplate;
};

} // namespace ponder
