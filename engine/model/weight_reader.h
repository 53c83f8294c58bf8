#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/file/model_file.h"
#include "engine/model/network.h"

namespace ponder {

/// Finds tensors, holds their shapes against what the hyper-parameters say, and remembers the first
/// that is missing, of another shape, or in a quantisation that Ponder cannot compute with. What it
/// gives after a failure is empty and must not be used.
class WeightReader {
public:
    explicit WeightReader(const ModelFile& file)
        : m_file(file)
    {
    }

    [[nodiscard]] bool has(const std::string& name) const { return m_file.tensor(name) != nullptr; }

    /// A stack of `count` matrices; a file may keep it with the last two dimensions as one.
    WeightMatrix matrix(const std::string& name, std::uint64_t columns, std::uint64_t rows,
        std::uint64_t count = 1);

    /// A vector of f32; F16 and BF16 are converted. Or `count` of them, contiguous.
    WeightVector vector(const std::string& name, std::uint64_t length, std::uint64_t count = 1);
    /// The same where the file has it, otherwise empty.
    WeightVector vectorIfThere(
        const std::string& name, std::uint64_t length, std::uint64_t count = 1);

    /// Notes that it is missing, where it is.
    void require(const std::string& name) { static_cast<void>(find(name)); }

    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }
    /// The tensors that were read.
    [[nodiscard]] const FileUse& use() const { return m_use; }

private:
    const ModelTensor* find(const std::string& name);
    void refuse(ErrorCode code, const std::string& message, const std::string& name);

    const ModelFile& m_file;
    std::optional<Error> m_error;
    FileUse m_use;
    std::uint64_t m_vectorBytes = 0; ///< of all that vector() gave
};

} // namespace ponder
