#include "app/cli.h"

#include <cstdio>

#include "engine/file/model_file.h"
#include "engine/text/tokenizer.h"

namespace ponder::cli {

Result<void> tokenize(const TokenizeOptions& options)
{
    // Only the vocabulary is needed, so a file without weights will do.
    const auto file = ModelFile::open(options.model);
    if (!file)
        return tl::unexpected(file.error());
    const auto tokenizer = Tokenizer::fromModelFile(*file);
    if (!tokenizer)
        return tl::unexpected(tokenizer.error());
    const auto text = readAll(options.file.value_or("-"));
    if (!text)
        return tl::unexpected(text.error());
    std::string line = "[";
    for (const int32_t id :
        tokenizer->encode(*text, options.special ? ParseSpecial::Yes : ParseSpecial::No)) {
        if (line.size() > 1)
            line += ',';
        line += std::to_string(id);
    }
    std::puts((line + "]").c_str());
    return {};
}

} // namespace ponder::cli
