#include "app/cli.h"

#include <cstdio>

#include <unistd.h>

#include "app/terminal_text.h"

namespace ponder::cli {

Result<GpuAccess> openGpus(const DeviceChoice& device)
{
    if (device.kind == DeviceChoice::Kind::Cpu)
        return GpuAccess{};
    auto cuda = CudaModule::load();
    if (cuda)
        return GpuAccess{std::move(*cuda), {}};
    if (device.kind == DeviceChoice::Kind::Cuda)
        return tl::unexpected(cuda.error());
    return GpuAccess{nullptr, cuda.error().message};
}

void sayRemark(const std::string& remark)
{
    if (!remark.empty() && isatty(STDERR_FILENO))
        std::fprintf(stderr, "%s\n", safeText(remark).c_str());
}

} // namespace ponder::cli
