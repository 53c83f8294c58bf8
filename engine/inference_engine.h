#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/generate/chat_session.h"
#include "engine/plan/device_choice.h"
#include "engine/plan/machine.h"

namespace ponder {

/// Which model to open, and how.
struct OpenRequest {
    std::filesystem::path path;
    std::uint32_t contextLength
        = 0; ///< tokens; 0: as much as the model allows and the machine holds
    unsigned threads = 0; ///< 0: all cores
    DeviceChoice device; ///< what is not there is done without: see ComputePlace::remark
    std::optional<kernels::CacheType> cache
        = {}; ///< how a GPU keeps keys and values; nothing: as the plan finds best
    bool largerThanMemory = false; ///< weights that do not fit come from the disk, slowly
    std::string templateForm; ///< as TemplateChoice::form; empty: the model's own template
    std::filesystem::path
        templateFile; ///< of the person's own; empty: none. What cannot be used: see OpenModel::remark
    std::string templateSource; ///< the same as text: used before the other two
    /// A device or a chat template that cannot be used as requested is an error; nothing takes its place.
    bool strict = false;
    bool warm
        = true; ///< read all weights once, so that the first answer does not wait for the disk
    bool needsText = true; ///< false: a file without a vocabulary opens, too, and cannot generate()
};

/// Where the model that is open computes.
struct ComputePlace {
    std::string device; ///< as PlacementPlan::device(), "cpu", "cuda:0"; empty: no model is open
    std::string gpu; ///< its name; empty on the processor
    bool shared = false; ///< the processor computes a part of what the GPU has not room for
    std::string plan; ///< one line: what it takes and how fast it should be
    std::string remark; ///< a sentence on why it is not what was requested; mostly empty

    bool operator==(const ComputePlace&) const = default;
};

/// The GPUs that can be chosen.
struct GpuList {
    std::vector<Gpu> gpus;
    std::string reason; ///< a sentence on why there is none; empty where there are some
};

/// What the window says of the model that is open.
struct OpenModel {
    std::filesystem::path path;
    std::string name;
    std::string architecture;
    std::string quantisation;
    std::string fingerprint;
    std::uint64_t fileBytes = 0;
    std::uint32_t contextLength = 0; ///< tokens one conversation can hold
    unsigned threads = 1;
    SamplingOptions recommended; ///< what the model's makers recommend
    std::string chatTemplate; ///< what it is asked with, for people: "the ChatML form"
    std::string remark; ///< sentences on what had to be guessed of its text; mostly empty
};

/// How far the reading of a prompt is, in tokens.
struct PromptProgress {
    std::size_t done = 0;
    std::size_t total = 0; ///< to evaluate; what the session still had from before is not counted
};

/// What the inference thread drives: a model and the session of the conversation on the screen.
/// Every function is called on that one thread; they may take long. No exceptions leave them.
class InferenceEngine {
public:
    virtual ~InferenceEngine() = default;

    /// progress: from 0 to 1. On failure what was open before stays open, and nothing else does. It may have
    /// to give its GPU to the new one meanwhile; what its place is then, place() says.
    [[nodiscard]] virtual Result<OpenModel> open(const OpenRequest& request,
        const std::function<void(double)>& progress, const std::stop_token& stop)
        = 0;
    /// Gives everything back, in RAM and on GPUs.
    virtual void close() = 0;
    [[nodiscard]] virtual ComputePlace place() const = 0;
    /// Asks the GPUs, which takes some tenths of a second, and leaves nothing on them.
    [[nodiscard]] virtual GpuList gpus() = 0;

    /// Answers the conversation; returns within one token after a stop, with what there is.
    /// Precondition for success: a model is open (otherwise InvalidArgument).
    [[nodiscard]] virtual Result<Finish> generate(const ChatRequest& request,
        const std::function<void(const TokenEvent&)>& sink,
        const std::function<void(const PromptProgress&)>& progress, const std::stop_token& stop)
        = 0;
};

} // namespace ponder
