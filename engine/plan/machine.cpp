#include "engine/plan/machine.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

#include <sys/resource.h>

#include "kernels/cpu/parallel/thread_pool.h"

namespace ponder {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

/// The number behind a label: "MemAvailable:  123 kB", "inactive_file 123".
std::optional<std::uint64_t> labelled(const fs::path& file, const std::string& label)
{
    std::ifstream in(file);
    std::string word;
    std::uint64_t number = 0;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(label)) {
            const auto digits = line.find_first_of("0123456789", label.size());
            if (digits == std::string::npos)
                return std::nullopt;
            const char* end = line.data() + line.size();
            number = 0;
            for (const char* c = line.data() + digits; c != end && *c >= '0' && *c <= '9'; ++c)
                number = number * 10 + static_cast<std::uint64_t>(*c - '0');
            return number;
        }
    }
    return std::nullopt;
}

/// A file that holds one number; "max" and what cannot be read are nothing.
std::optional<std::uint64_t> number(const fs::path& file)
{
    std::ifstream in(file);
    std::uint64_t value = 0;
    if (in >> value)
        return value;
    return std::nullopt;
}

struct Limit {
    std::uint64_t most = kUnlimited; // bytes
    std::uint64_t left = kUnlimited;

    void tighten(std::uint64_t limit, std::uint64_t used)
    {
        most = std::min(most, limit);
        left = std::min(left, limit - std::min(limit, used));
    }
};

/// A control group and those above it, from its folder up to the mount. Pages of files count as
/// used there, but give way.
void readControlGroups(Limit& limit, const fs::path& mount, fs::path group, const char* most,
    const char* current, const char* active, const char* inactive)
{
    for (int depth = 0; depth < 32; ++depth) {
        const fs::path folder = mount / group.relative_path();
        const auto allowed = number(folder / most);
        const auto used = number(folder / current);
        if (allowed && used) {
            const std::uint64_t files = labelled(folder / "memory.stat", active).value_or(0)
                + labelled(folder / "memory.stat", inactive).value_or(0);
            limit.tighten(*allowed, *used - std::min(*used, files));
        }
        if (group.relative_path().empty())
            return;
        group = group.parent_path();
    }
}

/// /proc/self/cgroup: "0::/path" for version 2, "4:memory:/path" for version 1.
void readControlGroups(Limit& limit, const fs::path& root)
{
    std::ifstream in(root / "proc/self/cgroup");
    for (std::string line; std::getline(in, line);) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos)
            continue;
        const std::string controllers = ',' + line.substr(first + 1, second - first - 1) + ',';
        const fs::path group = line.substr(second + 1);
        if (controllers == ",,")
            readControlGroups(limit, root / "sys/fs/cgroup", group, "memory.max", "memory.current",
                "active_file ", "inactive_file ");
        else if (controllers.find(",memory,") != std::string::npos)
            readControlGroups(limit, root / "sys/fs/cgroup/memory", group, "memory.limit_in_bytes",
                "memory.usage_in_bytes", "total_active_file ", "total_inactive_file ");
    }
}

/// RLIMIT_AS counts mapped files too, which the plan counts as weights; what else is mapped now is
/// taken off.
void readProcessLimit(Limit& limit, const fs::path& root)
{
    rlimit space{};
    if (::getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur == RLIM_INFINITY)
        return;
    const fs::path status = root / "proc/self/status";
    const std::uint64_t used = labelled(status, "VmData:").value_or(0)
        + labelled(status, "VmLib:").value_or(0) + labelled(status, "VmStk:").value_or(0);
    limit.tighten(space.rlim_cur, used * 1024);
}

} // namespace

Machine Machine::detect(const fs::path& root)
{
    Limit limit;
    const fs::path memory = root / "proc/meminfo";
    if (const auto all = labelled(memory, "MemTotal:"))
        limit.most = *all * 1024;
    if (const auto available = labelled(memory, "MemAvailable:"))
        limit.left = *available * 1024;
    readControlGroups(limit, root);
    readProcessLimit(limit, root);
    Machine machine;
    machine.memoryBytes = limit.most;
    machine.availableBytes = std::min(limit.left, limit.most);
    machine.cores = static_cast<unsigned>(kernels::usableCores());
    return machine;
}

} // namespace ponder
