#pragma once

#include <memory>
#include <utility>

#include "engine/backend/backend.h"

namespace ponder::test {

/// The processor's backend under another name: what pretends to be a GPU overrides what it does otherwise.
class ProcessorBackend : public Backend {
public:
    explicit ProcessorBackend(std::unique_ptr<Backend> processor)
        : m_processor(std::move(processor))
    {
    }
    Result<void> begin(std::span<const std::int32_t> tokens, std::size_t position) override
    {
        return m_processor->begin(tokens, position);
    }
    void attention(std::size_t layer) override { m_processor->attention(layer); }
    void feedForward(std::size_t layer) override { m_processor->feedForward(layer); }
    Result<void> head(std::size_t first, std::size_t count, std::span<float> logits) override
    {
        return m_processor->head(first, count, logits);
    }
    void truncate(std::size_t position) override { m_processor->truncate(position); }
    ExpertChoice lastChoice(std::size_t layer) const override
    {
        return m_processor->lastChoice(layer);
    }

private:
    std::unique_ptr<Backend> m_processor;
};

} // namespace ponder::test
