#pragma once

#include "engine/inference_engine.h"
#include "engine/reasoning/step_splitter.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace ponder {

/// Says what it was told to say, as fast as it was told to: an engine for tests of the window.
class ScriptedEngine : public InferenceEngine {
public:
    struct Script {
        std::vector<std::string> thought; ///< a token each
        std::vector<std::string> answer; ///< a token each
        std::chrono::microseconds pause{0}; ///< before each token
        std::optional<Error> failure; ///< after the tokens
        std::optional<RetoldAnswer> retold{}; ///< all of that is told anew, with one more token
        std::vector<std::string> after{}; ///< and then these tokens of the answer
    };

    void setScript(Script script)
    {
        const std::lock_guard lock(m_mutex);
        m_script = std::move(script);
    }

    /// How the answers that do not fail end from now on.
    void endWith(FinishReason reason)
    {
        const std::lock_guard lock(m_mutex);
        m_reason = reason;
    }

    [[nodiscard]] ChatRequest lastRequest() const
    {
        const std::lock_guard lock(m_mutex);
        return m_request;
    }

    [[nodiscard]] bool isOpen() const { return m_open; }

    /// The GPUs that it pretends to have; a failure with DeviceLost loses the one that is used.
    void setGpus(GpuList gpus)
    {
        const std::lock_guard lock(m_mutex);
        m_gpus = std::move(gpus);
    }
    [[nodiscard]] DeviceChoice lastDevice() const
    {
        const std::lock_guard lock(m_mutex);
        return m_device;
    }
    /// What the last model was opened with.
    [[nodiscard]] OpenRequest lastOpened() const
    {
        const std::lock_guard lock(m_mutex);
        return m_opened;
    }
    /// What it says of the next models that it opens.
    void setRemark(std::string remark)
    {
        const std::lock_guard lock(m_mutex);
        m_remark = std::move(remark);
    }
    [[nodiscard]] int openings() const { return m_openings; }

    [[nodiscard]] Result<OpenModel> open(const OpenRequest& request,
        const std::function<void(double)>& progress, const std::stop_token& stop) override
    {
        if (request.path.filename() == "bad.gguf")
            return fail(ErrorCode::FileCorrupt, "bad.gguf is not a model.", "bytes 0 to 4");
        if (request.path.filename() == "large.gguf" && !request.largerThanMemory)
            return fail(ErrorCode::OutOfMemory, "large.gguf is larger than memory.",
                std::string(kLargerThanMemory));
        while (request.path.filename() == "endless.gguf") {
            if (stop.stop_requested())
                return fail(ErrorCode::Cancelled, "Cancelled.");
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        progress(1);
        m_open = true;
        choosePlace(request.device);
        OpenModel model;
        {
            const std::lock_guard lock(m_mutex);
            m_opened = request;
            model.remark = m_remark;
        }
        model.chatTemplate = "the model's own";
        model.path = request.path;
        model.name = request.path.stem().string();
        model.architecture = "deepseek2";
        model.quantisation = "Q8_0 100 %";
        model.fingerprint = "0123456789abcdef";
        model.contextLength = 4096;
        ++m_openings;
        return model;
    }

    void close() override
    {
        const std::lock_guard lock(m_mutex);
        m_open = false;
        m_place = {};
    }

    [[nodiscard]] ComputePlace place() const override
    {
        const std::lock_guard lock(m_mutex);
        return m_place;
    }

    [[nodiscard]] GpuList gpus() override
    {
        const std::lock_guard lock(m_mutex);
        return m_gpus;
    }

    [[nodiscard]] Result<Finish> generate(const ChatRequest& request,
        const std::function<void(const TokenEvent&)>& sink,
        const std::function<void(const PromptProgress&)>& progress,
        const std::stop_token& stop) override
    {
        Script script;
        Finish finish;
        {
            const std::lock_guard lock(m_mutex);
            m_request = request;
            script = m_script;
            finish.reason = m_reason;
        }
        progress({1, 1});
        const auto began = std::chrono::steady_clock::now();
        finish.usage.promptTokens = 10;
        std::uint32_t index = 0;
        StepSplitter steps; // as the real engine: it holds white space back, and counts on
        (void)steps.push(request.continueReasoning);
        using Pieces = std::vector<StepSplitter::Piece>;
        const auto tell = [&](TokenEvent event, Phase phase, const Pieces& pieces) {
            event.time = std::chrono::steady_clock::now() - began;
            event.phase = phase;
            for (const auto& [text, step] : pieces) {
                event.text = text;
                event.step = step;
                sink(event);
                ++event.part;
                (phase == Phase::Answer ? finish.content : finish.reasoningContent) += text;
            }
        };
        const auto say = [&](const std::vector<std::string>& tokens, Phase phase) {
            for (const std::string& text : tokens) {
                std::this_thread::sleep_for(script.pause);
                if (stop.stop_requested()) {
                    finish.reason = FinishReason::Cancelled;
                    return;
                }
                TokenEvent event;
                event.id = std::int32_t(index);
                event.bytes = text;
                event.position = 10 + index;
                event.index = index++;
                event.ofThought = phase == Phase::Reasoning;
                Pieces pieces = event.ofThought ? steps.push(text) : Pieces{{text, 0}};
                if (pieces.empty())
                    pieces.push_back({{}, steps.step()});
                tell(event, phase, pieces);
                finish.usage.completionTokens = index;
            }
        };
        say(script.thought, Phase::Reasoning);
        finish.usage.reasoningTokens = index;
        TokenEvent held; // no token
        held.part = 1;
        tell(held, Phase::Reasoning, steps.finish());
        if (finish.reason != FinishReason::Cancelled)
            say(script.answer, Phase::Answer);
        if (script.retold && finish.reason != FinishReason::Cancelled) {
            TokenEvent event;
            event.id = std::int32_t(index);
            event.position = 10 + index;
            event.index = index++;
            event.ofThought = true;
            event.retold = std::make_shared<const RetoldAnswer>(*script.retold);
            tell(event, Phase::Reasoning, {{}});
            finish.usage.completionTokens = index;
            say(script.after, Phase::Answer);
        }
        if (script.failure && script.failure->code == ErrorCode::DeviceLost) {
            const std::lock_guard lock(m_mutex);
            m_place = {"cpu", "", false, "", script.failure->message};
        }
        finish.answerEmpty = finish.content.empty() && request.continueContent.empty();
        finish.endedInThought = finish.answerEmpty && !request.answerNow
            && !(finish.reasoningContent.empty() && request.continueReasoning.empty());
        if (script.failure)
            return tl::unexpected(*script.failure);
        return finish;
    }

private:
    void choosePlace(const DeviceChoice& device)
    {
        const std::lock_guard lock(m_mutex);
        m_device = device;
        m_place = {"cpu", "", false, "Weights 24 MiB, on 2 threads", ""};
        if (device.kind == DeviceChoice::Kind::Cpu)
            return;
        for (const Gpu& gpu : m_gpus.gpus) {
            if (device.kind == DeviceChoice::Kind::Auto || gpu.index == device.index) {
                const bool shared = gpu.memoryBytes < (std::uint64_t{4} << 30U);
                m_place = {"cuda:" + std::to_string(gpu.index), gpu.name, shared,
                    gpu.name + ": weights 24 MiB", ""};
                return;
            }
        }
        if (device.kind == DeviceChoice::Kind::Cuda)
            m_place.remark
                = "There is no GPU " + device.text() + " here. The processor computes instead.";
    }

    mutable std::mutex m_mutex;
    GpuList m_gpus{{}, "There is no NVIDIA driver on this computer."};
    DeviceChoice m_device;
    ComputePlace m_place;
    std::atomic<int> m_openings{0};
    Script m_script{{"Seven ", "and ", "five."}, {"It is ", "**12**."}, {}, {}};
    FinishReason m_reason = FinishReason::Stop;
    ChatRequest m_request;
    OpenRequest m_opened;
    std::string m_remark;
    std::atomic<bool> m_open{false};
};

} // namespace ponder
