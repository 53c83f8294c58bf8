#include "engine/file/huggingface/shard_index.h"

#include <set>

#include "engine/file/printable.h"

namespace ponder {
namespace {

tl::unexpected<Error> damagedIndex(const std::string& what)
{
    return fail(ErrorCode::FileCorrupt,
        "This folder's " + std::string(kShardIndexName) + ' ' + what + ". Download it again.");
}

bool isPlainName(const std::string& name)
{
    return !name.empty() && name != "." && name != ".."
        && name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
}

} // namespace

Result<std::vector<std::string>> readShardIndex(const nlohmann::json& index)
{
    const auto map = index.find("weight_map");
    if (map == index.end() || !map->is_object() || map->empty())
        return damagedIndex("does not say which file holds which tensor");
    std::set<std::string> names;
    for (const auto& [tensor, file] : map->items()) {
        const std::string name = file.is_string() ? file.get<std::string>() : "";
        if (!isPlainName(name))
            return damagedIndex("names a file that cannot be in this folder: " + printable(name));
        names.insert(name);
    }
    return std::vector<std::string>(names.begin(), names.end());
}

} // namespace ponder
