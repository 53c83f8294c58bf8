#include "app/cli.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include <nlohmann/json.hpp>

#include "kernels/cpu/cpu.h"
#include "kernels/selfcheck/cpu_selfcheck.h"

namespace ponder::cli {

namespace {

using Kind = DeviceChoice::Kind;
using Results = std::vector<kernels::CheckResult>;

void printCheck(const kernels::CheckResult& check)
{
    std::printf("%-4s  %-9s  %-44s  error %.1e of %.1e allowed\n", check.ok ? "ok" : "FAIL",
        check.variant.c_str(), check.name.c_str(), check.maxRelError, check.limit);
    std::fflush(stdout);
}

/// The checks of one GPU, or of all GPUs. `devices` gets the names of what was checked.
Result<void> checkGpus(const GpuAccess& gpus, const DeviceChoice& device, bool json,
    Results& results, std::vector<std::string>& devices)
{
    const auto found = gpus.cuda->devices();
    if (!found)
        return tl::unexpected(found.error());
    bool any = false;
    for (const Gpu& gpu : *found) {
        if (device.kind == Kind::Cuda && device.index >= 0 && gpu.index != device.index)
            continue;
        any = true;
        devices.push_back("cuda:" + std::to_string(gpu.index));
        if (!json)
            std::printf("%s: %s\n", devices.back().c_str(), gpu.name.c_str());
        const auto checks = gpus.cuda->selfcheck(gpu.index, [&](const kernels::CheckResult& check) {
            if (!json)
                printCheck(check);
        });
        if (!checks)
            return tl::unexpected(checks.error());
        results.insert(results.end(), checks->begin(), checks->end());
    }
    if (!any)
        return fail(ErrorCode::InvalidArgument,
            "There is no GPU " + device.text()
                + " here. Leave --device out to check what there is.");
    return {};
}

} // namespace

Result<void> selfcheck(const SelfcheckOptions& options)
{
    const auto gpus = openGpus(options.device);
    if (!gpus)
        return tl::unexpected(gpus.error());
    const kernels::CpuChoice choice = kernels::chooseCpu();
    Results results;
    std::vector<std::string> devices;
    std::string remark = gpus->remark;
    if (options.device.kind != Kind::Cuda) {
        devices.emplace_back("cpu");
        if (!options.json)
            std::printf("cpu: %s\n", choice.report.c_str());
        results = kernels::selfcheck([&](const kernels::CheckResult& check) {
            if (!options.json)
                printCheck(check);
        });
    }
    if (gpus->cuda != nullptr) {
        const auto done = checkGpus(*gpus, options.device, options.json, results, devices);
        if (!done && options.device.kind == Kind::Cuda)
            return done;
        if (!done)
            remark = done.error().message;
    }
    const auto failed = std::count_if(
        results.begin(), results.end(), [](const auto& check) { return !check.ok; });

    if (options.json) {
        nlohmann::ordered_json checks = nlohmann::ordered_json::array();
        for (const auto& check : results)
            checks.push_back({{"name", check.name}, {"variant", check.variant},
                {"max_relative_error", check.maxRelError}, {"limit", check.limit},
                {"ok", check.ok}});
        const nlohmann::ordered_json report{{"device", devices.front()}, {"devices", devices},
            {"remark", remark}, {"variant", kernels::variantName(choice.variant)},
            {"ok", failed == 0}, {"checks", std::move(checks)}};
        std::printf("%s\n", report.dump(2).c_str());
    } else {
        if (!remark.empty())
            std::printf("%s\n", remark.c_str());
        std::printf("%zu checks, %zu failed\n", results.size(), std::size_t(failed));
    }
    if (failed)
        return fail(ErrorCode::Internal,
            std::to_string(failed)
                + " kernels differ from their reference on this machine. Set PONDER_CPU=reference, "
                  "or "
                  "--device cpu where they are a GPU's, to go on without them, and report this "
                  "with the "
                  "lines above.");
    return {};
}

} // namespace ponder::cli
