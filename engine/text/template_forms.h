#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ponder {

class Tokenizer;

/// The prompt format of a family of models, for files without a chat template. One row of a table.
struct TemplateForm {
    std::string_view id; ///< for options and settings: "chatml"
    std::string_view name; ///< for people: "ChatML"
    std::vector<std::string_view>
        tokens; ///< special tokens that indicate the family; the vocabulary must have all of them
    std::string_view
        source; ///< Jinja; what stands under "if thinks" is for vocabularies with "<think>": see sourceOf()
};

/// All rows, the most particular first; the last is plain text, which no token indicates.
[[nodiscard]] std::span<const TemplateForm> templateForms();

[[nodiscard]] const TemplateForm* findTemplateForm(std::string_view id); ///< null: there is none

/// The first form whose tokens the vocabulary has as special ones; plain text where there is none.
[[nodiscard]] const TemplateForm& templateFormOf(const Tokenizer& tokenizer);
[[nodiscard]] bool isPlainText(const TemplateForm& form);

/// The form's Jinja, as ChatTemplate::create takes it.
[[nodiscard]] std::string sourceOf(const TemplateForm& form, const Tokenizer& tokenizer);

} // namespace ponder
