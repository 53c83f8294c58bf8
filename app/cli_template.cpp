#include "app/cli.h"

#include "engine/text/template_forms.h"

namespace ponder::cli {

Result<TemplateChoice> readTemplateChoice(const std::string& option)
{
    if (option.empty())
        return TemplateChoice{};
    std::error_code ignored;
    const bool isForm = option == kTemplateByVocabulary || findTemplateForm(option) != nullptr;
    if (isForm && !std::filesystem::exists(option, ignored))
        return TemplateChoice{{}, option};
    auto source = readAll(option);
    if (!source) {
        Error error = source.error();
        std::string forms(kTemplateByVocabulary);
        for (const TemplateForm& form : templateForms())
            forms += ", " + std::string(form.id);
        error.message += " Give --template a file of Jinja, or one of " + forms + ".";
        return tl::unexpected(std::move(error));
    }
    if (source->find_first_not_of(" \t\r\n") == std::string::npos)
        return fail(ErrorCode::InvalidArgument, "The chat template " + option + " is empty.");
    return TemplateChoice{std::move(*source), {}};
}

} // namespace ponder::cli
