#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/file/model_file.h"
#include "engine/model/network.h"

namespace ponder {

/// Holds a network against all that its file says: layers past its block_count, a vocabulary longer than
/// the embedding, and tensors that take part in what other models compute and in this one would be left
/// out. Any of these runs and talks nonsense. Fails with FileCorrupt.
[[nodiscard]] Result<void> checkAgreement(const ModelFile& file, const Network& network);

/// What a file holds and Ponder does not use. Keys that only describe (general.*, quantize.*) are left out.
struct IgnoredParts {
    std::vector<std::string> keys, tensors; ///< in file order

    [[nodiscard]] bool empty() const { return keys.empty() && tensors.empty(); }
};
[[nodiscard]] IgnoredParts ignoredParts(const ModelFile& file, const Network& network);

} // namespace ponder
