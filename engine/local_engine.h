#pragma once

#include <functional>
#include <memory>
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

private:
    /// A model, how it is to be run, and the session that does it.
    struct Opened {
        std::shared_ptr<const Model> model;
        ModelText text;
        SessionOptions options;
        std::string refused; ///< why it does not run on the GPU that was chosen; empty: it does
        std::unique_ptr<ChatSession> chat;
        const Session* session = nullptr; ///< chat's
        bool gpuLost = false; ///< the session goes on on the processor

        [[nodiscard]] const GpuShare* gpu() const; ///< that it holds; null: none
    };

    [[nodiscard]] std::shared_ptr<const CudaModule> module(); ///< null: m_noModule says why
    [[nodiscard]] Result<OpenModel> tryOpen(const OpenRequest& request,
        const std::function<void(double)>& progress, const std::stop_token& stop);
    [[nodiscard]] Result<PlacementPlan> check(const Model& model, const SessionOptions& options);
    [[nodiscard]] Result<void> begin(Opened& opened);
    void end(Opened& opened);
    void leaveOtherGpus();

    ModuleLoader m_loadModule;
    std::shared_ptr<const CudaModule> m_module;
    std::string m_noModule;
    bool m_touchedGpus = false; ///< the driver may hold something for this process
    Opened m_opened;
};

} // namespace ponder
