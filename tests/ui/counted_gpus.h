#pragma once

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/gpu/cuda_module.h"
#include "engine/backend/gpu/cuda_module_abi.h"
#include "tests/engine/backend/gpu/processor_backend.h"

#include <set>

namespace ponder {

/// GPUs that are the processor, and that count what is held on them: for tests of what is given back.
/// One for a test, used by one thread at a time.
struct CountedGpus {
    std::vector<Gpu> gpus; ///< that there are; their free memory is as large as what is not held
    int lostAtBatch = 0; ///< the GPU is lost when a backend evaluates its N-th batch; 0: never
    bool refusesAll = false; ///< no backend finds enough memory

    // What happened so far.
    std::set<int> contexts; ///< GPUs on which the driver holds something for this process
    std::multiset<int> backends; ///< the GPU of each that lives
    int made = 0; ///< backends
    bool wrong = false; ///< a GPU was given back under a backend

    [[nodiscard]] static CountedGpus& instance()
    {
        static CountedGpus counted;
        return counted;
    }

    [[nodiscard]] static std::shared_ptr<const CudaModule> module()
    {
        return std::make_shared<const CudaModule>(
            CudaModuleEntries{devices, makeBackend, {}, {}, release});
    }

private:
    class Counted final : public test::ProcessorBackend {
    public:
        Counted(std::unique_ptr<Backend> processor, int gpu)
            : ProcessorBackend(std::move(processor))
            , m_gpu(gpu)
        {
            instance().backends.insert(gpu);
        }
        Counted(const Counted&) = delete;
        Counted& operator=(const Counted&) = delete;
        ~Counted() override { instance().backends.extract(m_gpu); }
        Result<Evaluated> evaluate(const Batch& batch) override
        {
            if (++m_batches == instance().lostAtBatch)
                return fail(ErrorCode::DeviceLost, "The GPU stopped answering (counted).");
            return ProcessorBackend::evaluate(batch);
        }

    private:
        int m_gpu;
        int m_batches = 0;
    };

    static void devices(Result<std::vector<Gpu>>& out)
    {
        std::vector<Gpu> gpus = instance().gpus;
        for (Gpu& gpu : gpus) {
            instance().contexts.insert(gpu.index);
            if (instance().backends.contains(gpu.index))
                gpu.availableBytes = 1; // one model fills it
        }
        out = std::move(gpus);
    }

    static void makeBackend(
        const Network& network, const PlacementPlan& plan, Result<std::unique_ptr<Backend>>& out)
    {
        if (instance().refusesAll) {
            out = fail(ErrorCode::OutOfMemory, "The GPU has too little memory (counted).");
            return;
        }
        auto processor = makeCpuBackend(network, {plan.contextLength, plan.batch, plan.threads});
        if (!processor) {
            out = tl::unexpected(processor.error());
            return;
        }
        ++instance().made;
        out = std::make_unique<Counted>(std::move(*processor), plan.gpu->gpu.index);
    }

    static void release(int kept)
    {
        for (const int gpu : instance().backends)
            instance().wrong |= gpu != kept;
        std::erase_if(instance().contexts, [kept](int gpu) { return gpu != kept; });
    }
};

} // namespace ponder
