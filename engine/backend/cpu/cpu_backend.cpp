#include "engine/backend/cpu/cpu_backend.h"

#include <algorithm>
#include <cstring>

#include "engine/backend/cpu/cpu_layers.h"

namespace ponder {
namespace {

class CpuBackend final : public Backend {
public:
    CpuBackend(const Network& network, std::unique_ptr<CpuLayers> layers, std::size_t contextLength)
        : m_network(network)
        , m_layers(std::move(layers))
        , m_cacheForm(m_layers->cache().tables(), contextLength)
    {
    }

    Result<Evaluated> evaluate(const Batch& batch) override;
    void truncate(std::size_t position) override { m_layers->cache().truncate(position); }
    Result<CacheBytes> saveCache(TokenRange positions) override;
    Result<void> loadCache(TokenRange positions, std::span<const std::byte> bytes) override;

private:
    const Network& m_network;
    std::unique_ptr<CpuLayers> m_layers;
    CacheForm m_cacheForm;
};

Result<Evaluated> CpuBackend::evaluate(const Batch& batch)
{
    Evaluated made;
    m_layers->embed(batch.tokens, batch.position);
    if (!m_layers->run(batch, made.routing))
        return Evaluated{.cancelled = true};
    if (batch.logits.count > 0) {
        made.logits.resize(batch.logits.count * m_network.vocabularySize);
        m_layers->logits(batch.logits, made.logits);
    }
    const kernels::ConstFloatRows residual = m_layers->residual();
    made.hidden.resize(batch.hidden.count * residual.cols);
    for (std::size_t i = 0; i < batch.hidden.count; ++i)
        std::copy_n(residual.row(batch.hidden.first + i), residual.cols,
            made.hidden.data() + i * residual.cols);
    return made;
}

Result<CacheBytes> CpuBackend::saveCache(TokenRange positions)
{
    auto made = m_cacheForm.make(positions);
    if (made)
        m_layers->cache().copyTo(positions, CacheForm::rowsOf(*made));
    return made;
}

Result<void> CpuBackend::loadCache(TokenRange positions, std::span<const std::byte> bytes)
{
    const auto rows = m_cacheForm.checkedRows(positions, bytes);
    if (!rows)
        return tl::unexpected(rows.error());
    m_layers->cache().copyFrom(positions, *rows);
    return {};
}

} // namespace

Result<std::unique_ptr<Backend>> makeCpuBackend(
    const Network& network, const CpuBackendOptions& options)
{
    auto layers = CpuLayers::create(
        network, {.contextLength = options.contextLength, .threads = options.threads});
    if (!layers)
        return tl::unexpected(layers.error());
    return std::make_unique<CpuBackend>(network, std::move(*layers), options.contextLength);
}

} // namespace ponder
