#pragma once

#include <memory>

#include "ui/chat/inference_engine.h"

namespace ponder {

/// The engine of this process: a model file on this machine and a session of it.
class LocalEngine : public InferenceEngine {
public:
    LocalEngine();
    ~LocalEngine() override;

    [[nodiscard]] Result<OpenModel> open(const OpenRequest& request,
        const std::function<void(double)>& progress, const std::stop_token& stop) override;
    void close() override;
    [[nodiscard]] Result<Finish> generate(const ChatRequest& request,
        const std::function<void(const TokenEvent&)>& sink,
        const std::function<void(const PromptProgress&)>& progress,
        const std::stop_token& stop) override;

private:
    std::unique_ptr<ChatSession> m_chat;
};

} // namespace ponder
