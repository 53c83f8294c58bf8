#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/inference_engine.h"

namespace ponder {

/// The engine of this process: a model file on this machine and a session of it, on the processor or, where
/// the GPU module loads, on a GPU. The module is loaded on the inference thread, and only when it is needed.
class LocalEngine : public InferenceEngine {
public:
    using ModuleLoader = std::function<Result<std::shared_ptr<const CudaModule>>()>;

    LocalEngine(); ///< with CudaModule::load()
    explicit LocalEngine(ModuleLoader loadModule);
    ~LocalEngine() override;

    [[nodiscard]] Result<OpenModel> open(const OpenRequest& request,
        const std::function<void(double)>& progress, const std::stop_token& stop) override;
    void close() override;
    [[nodiscard]] ComputePlace place() const override;
    [[nodiscard]] GpuList gpus() override;
    [[nodiscard]] Result<Finish> generate(const ChatRequest& request,
        const std::function<void(const TokenEvent&)>& sink,
        const std::function<void(const PromptProgress&)>& progress,
        const std::stop_token& stop) override;

    /// The session of the model that is open, for measuring; null: none is open. Valid until the next open()
    /// or close().
    [[nodiscard]] Session* session() { return m_opened.session; }
    /// Why there can be no GPU; empty where the module was loaded, or was never needed.
    [[nodiscard]] const std::string& noGpuReason() const { return m_noModule.message; }
    /// Bytes a second of the memory that decoding waits for, measured now: the GPU's, copying, or else the
    /// RAM, reading. Precondition: a model is open. Fails with OutOfMemory and DeviceLost.
    [[nodiscard]] Result<double> measureBandwidth();

private:
    /// A model, how it is to be run, and the session that does it.
    struct Opened {
        std::shared_ptr<const Model> model;
        std::optional<ModelText> text;
        SessionOptions options;
        bool strict = false; ///< as OpenRequest::strict
        std::string refused; ///< why it does not run on the GPU that was chosen; empty: it does
        std::unique_ptr<ChatSession> chat; ///< null: there is no text
        std::unique_ptr<Session> bare; ///< where there is no text
        Session* session = nullptr; ///< of chat, or bare
        bool gpuLost = false; ///< the session goes on on the processor

        [[nodiscard]] const GpuShare* gpu() const; ///< that it holds; null: none
    };

    [[nodiscard]] std::shared_ptr<const CudaModule> module(); ///< null: m_noModule says why
    [[nodiscard]] Result<OpenModel> tryOpen(const OpenRequest& request,
        const std::function<void(double)>& progress, const std::stop_token& stop);
    [[nodiscard]] Result<PlacementPlan> check(
        const Model& model, const SessionOptions& options, bool strict);
    [[nodiscard]] Result<void> begin(Opened& opened);
    void end(Opened& opened);
    void leaveOtherGpus();

    ModuleLoader m_loadModule;
    std::shared_ptr<const CudaModule> m_module;
    Error m_noModule; ///< without a message: the module was loaded, or never needed
    bool m_touchedGpus = false; ///< the driver may hold something for this process
    Opened m_opened;
};

} // namespace ponder
