#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "engine/backend/gpu/cuda_module.h"
#include "engine/base/result.h"
#include "engine/plan/device_choice.h"
#include "engine/plan/gpu_cache.h"
#include "engine/text/chat_template.h"

/// The commands of ponder-cli. Each takes its parsed options, writes its result to stdout or to a
/// file, and returns nothing or an Error whose sentence main() prints on stderr (exit code 1).
namespace ponder::cli {

struct ChatOptions {
    std::filesystem::path model;
    std::optional<std::string> prompt; ///< without it: stdin, turn by turn on a terminal
    std::string system;
    std::string chatTemplate; ///< a file of Jinja or the name of a form; empty: the model's own
    std::optional<float> temperature, topP; ///< unset: as the model recommends
    std::optional<uint64_t> seed;
    int maxTokens = -1; ///< -1: until the context is full
    int threads = 0; ///< 0: all cores
    DeviceChoice device;
    std::optional<kernels::CacheType> cache; ///< empty: auto
    bool largerThanMemory = false;
    bool json = false;
};
Result<void> chat(const ChatOptions& options);

struct LogitsOptions {
    std::filesystem::path model, tokens, out;
    int batch = 512; ///< tokens evaluated at a time
    int threads = 0;
    DeviceChoice device;
    std::optional<kernels::CacheType> cache; ///< empty: auto
    bool largerThanMemory = false;
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
    DeviceChoice device;
    std::optional<kernels::CacheType> cache; ///< empty: auto
    bool largerThanMemory = false;
    bool json = false;
};
Result<void> bench(const BenchOptions& options);

struct InspectOptions {
    std::filesystem::path file;
    std::string chatTemplate; ///< as in ChatOptions
    DeviceChoice device;
    bool json = false;
};
Result<void> inspect(const InspectOptions& options);

struct AnalyseOptions {
    std::optional<std::filesystem::path> file; ///< without it: stdin
    bool json = false;
};
Result<void> analyse(const AnalyseOptions& options);

struct SelfcheckOptions {
    DeviceChoice device;
    bool json = false;
};
Result<void> selfcheck(const SelfcheckOptions& options);

/// The GPUs that a command may use; none where cuda is null.
struct GpuAccess {
    std::shared_ptr<const CudaModule> cuda;
    std::string remark; ///< why there are none, where none were forbidden
};

/// Loads the GPU module unless the processor was asked for. Fails where a GPU was asked for and there can be
/// none.
Result<GpuAccess> openGpus(const DeviceChoice& device);

/// Says on stderr why a model does not run on the best device, when stderr is a terminal.
void sayRemark(const std::string& remark);

/// What --template says: a file of Jinja, or else the name of a form (template_forms.h) or "auto". Fails where it is
/// neither, or the file is blank.
Result<TemplateChoice> readTemplateChoice(const std::string& option);

/// Everything of a file or of stdin ("-"); fails with the system's reason.
Result<std::string> readAll(const std::filesystem::path& path);

/// Flushes stdout; fails where the disk or the reader at the other end is gone.
Result<void> flushOutput();

} // namespace ponder::cli
