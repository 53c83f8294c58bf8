#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/result.h"

/// The commands of ponder-cli. Each takes its parsed options, writes its result to stdout or to a
/// file, and returns nothing or an Error whose sentence main() prints on stderr (exit code 1).
namespace ponder::cli {

enum class Device { Auto, Cpu, Cuda };

struct ChatOptions {
    std::filesystem::path model;
    std::optional<std::string> prompt; ///< without it: stdin, turn by turn on a terminal
    std::string system;
    std::optional<float> temperature, topP; ///< unset: as the model recommends
    std::optional<uint64_t> seed;
    int maxTokens = -1; ///< -1: until the context is full
    int threads = 0; ///< 0: all cores
    Device device = Device::Auto;
    bool json = false;
};
Result<void> chat(const ChatOptions& options);

struct LogitsOptions {
    std::filesystem::path model, tokens, out;
    int batch = 512; ///< tokens evaluated at a time
    int threads = 0;
    Device device = Device::Auto;
};
Result<void> logits(const LogitsOptions& options);

struct TokenizeOptions {
    std::filesystem::path model;
    std::optional<std::filesystem::path> file; ///< without it: stdin
    bool special = false;
};
Result<void> tokenize(const TokenizeOptions& options);

struct BenchOptions {
    std::filesystem::path model;
    int promptTokens = 512, generatedTokens = 128, depth = 0, repetitions = 3;
    int threads = 0;
    Device device = Device::Auto;
    bool json = false;
};
Result<void> bench(const BenchOptions& options);

struct InspectOptions {
    std::filesystem::path file;
    bool json = false;
};
Result<void> inspect(const InspectOptions& options);

struct SelfcheckOptions {
    Device device = Device::Auto;
    bool json = false;
};
Result<void> selfcheck(const SelfcheckOptions& options);

/// Fails with a sentence where a person asked for a device that this build cannot use.
Result<void> requireDevice(Device device);

/// Everything of a file or of stdin ("-"); fails with the system's reason.
Result<std::string> readAll(const std::filesystem::path& path);

/// Flushes stdout; fails where the disk or the reader at the other end is gone.
Result<void> flushOutput();

} // namespace ponder::cli
