#include "app/cli.h"

#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/selfcheck.h"

namespace ponder::cli {

Result<void> selfcheck(const SelfcheckOptions& options)
{
    if (auto usable = requireDevice(options.device); !usable)
        return usable;
    const kernels::CpuChoice choice = kernels::chooseCpu();
    if (!options.json)
        std::printf("cpu: %s\n", choice.report.c_str());
    const auto results = kernels::selfcheck([&](const kernels::CheckResult& check) {
        if (options.json)
            return;
        std::printf("%-4s  %-9s  %-44s  error %.1e of %.1e allowed\n", check.ok ? "ok" : "FAIL",
            check.variant.c_str(), check.name.c_str(), check.maxRelError, check.limit);
        std::fflush(stdout);
    });
    const auto failed = std::count_if(
        results.begin(), results.end(), [](const auto& check) { return !check.ok; });

    if (options.json) {
        nlohmann::ordered_json checks = nlohmann::ordered_json::array();
        for (const auto& check : results)
            checks.push_back({{"name", check.name}, {"variant", check.variant},
                {"max_relative_error", check.maxRelError}, {"limit", check.limit},
                {"ok", check.ok}});
        const nlohmann::ordered_json report{{"device", "cpu"},
            {"variant", kernels::variantName(choice.variant)}, {"ok", failed == 0},
            {"checks", std::move(checks)}};
        std::printf("%s\n", report.dump(2).c_str());
    } else {
        std::printf("%zu checks, %zu failed\n", results.size(), std::size_t(failed));
    }
    if (failed)
        return fail(ErrorCode::Internal,
            std::to_string(failed)
                + " kernels differ from their reference on this machine. Set PONDER_CPU=reference "
                  "to "
                  "go on without them, and report this with the lines above.");
    return {};
}

} // namespace ponder::cli
