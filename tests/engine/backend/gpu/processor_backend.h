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
    Result<Evaluated> evaluate(const Batch& batch) override { return m_processor->evaluate(batch); }
    void truncate(std::size_t position) override { m_processor->truncate(position); }
    Result<CacheBytes> saveCache(TokenRange positions) override
    {
        return m_processor->saveCache(positions);
    }
    Result<void> loadCache(TokenRange positions, std::span<const std::byte> bytes) override
    {
        return m_processor->loadCache(positions, bytes);
    }

private:
    std::unique_ptr<Backend> m_processor;
};

} // namespace ponder::test
