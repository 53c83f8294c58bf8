#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ponder {

/// Where a model is to run, as `--device` and the settings say it.
struct DeviceChoice {
    enum class Kind {
        Auto, ///< a GPU where there is one that helps, else the processor
        Cpu,
        Cuda,
    } kind
        = Kind::Auto;
    int index = -1; ///< of Cuda: which GPU; -1: the one with the most free memory

    /// "auto", "cpu", "cuda", "cuda:1" (in any case); nothing for all else.
    [[nodiscard]] static std::optional<DeviceChoice> parse(std::string_view text);
    [[nodiscard]] std::string text() const; ///< what parse() reads

    bool operator==(const DeviceChoice&) const = default;
};

} // namespace ponder
