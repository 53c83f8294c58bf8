#include "app/cli.h"

#include <cstdio>

#include "app/inspect_report.h"

namespace ponder::cli {

Result<void> inspect(const InspectOptions& options)
{
    const auto choice = readTemplateChoice(options.chatTemplate);
    if (!choice)
        return tl::unexpected(choice.error());
    const auto report = makeReport(options.file, options.device, *choice);
    if (!report)
        return tl::unexpected(report.error());
    if (options.json)
        std::printf("%s\n",
            toJson(*report)
                .dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
                .c_str());
    else
        print(*report);
    return {};
}

} // namespace ponder::cli
