#pragma once

#include <cstdint>
#include <string>

#include "engine/plan/placement_plan.h"

namespace ponder {

/// Works out what a plan whose weights do not fit into memory has read from the disk for every token, and
/// how much slower that makes it: diskBytesPerToken, tokensPerSecond and the remark. usable: bytes of RAM
/// that the plan may take in all. No effect where the weights fit.
///
/// Weights that every token reads are assumed to stay in memory from token to token where all of them fit. Where they
/// do not, the system drops each before its next use, so all of them are read again for every token. The share of
/// routed experts in memory is that of the memory that is left.
void addDiskShare(PlacementPlan& plan, const Network& network, const PlacementRequest& request,
    std::uint64_t usable);

/// What it would mean to run such a plan: "60 GiB of its weights do not fit …", for a refusal and a remark.
[[nodiscard]] std::string diskSentence(const PlacementPlan& plan);

/// "0.3 seconds", "12 seconds", "4 minutes"
[[nodiscard]] std::string describeSeconds(double seconds);

} // namespace ponder
