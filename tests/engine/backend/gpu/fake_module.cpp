// A GPU module for tests of what loads one: its GPUs are the processor, and fail as the environment
// variable PONDER_FAKE_GPU says, a list of words:
//   none       there is no GPU        broken   asking for the GPUs fails
//   full=N     the first N backends find too little memory
//   lost=N     the GPU is lost when it evaluates its N-th batch (of every backend)
//   small      its memory is too small for any model
#include <cstdlib>
#include <string>

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/gpu/cuda_module_abi.h"
#include "tests/engine/backend/gpu/processor_backend.h"

#ifndef PONDER_FAKE_ABI
#define PONDER_FAKE_ABI ponder::kCudaModuleAbi
#endif

namespace {

using namespace ponder;

constexpr std::uint64_t kGiB = 1U << 30U;

bool isSaid(const std::string& word)
{
    const char* said = std::getenv("PONDER_FAKE_GPU");
    return said != nullptr
        && (' ' + std::string(said) + ' ').find(' ' + word + ' ') != std::string::npos;
}

long number(const std::string& word)
{
    const char* said = std::getenv("PONDER_FAKE_GPU");
    const std::string text = said != nullptr ? said : "";
    const auto at = text.find(word + '=');
    return at == std::string::npos ? -1 : std::atol(text.c_str() + at + word.size() + 1);
}

class FakeGpu final : public test::ProcessorBackend {
public:
    FakeGpu(std::unique_ptr<Backend> processor)
        : ProcessorBackend(std::move(processor))
    {
    }
    Result<Evaluated> evaluate(const Batch& batch) override
    {
        if (number("lost") >= 0 && ++m_batches >= number("lost"))
            return fail(ErrorCode::DeviceLost, "The GPU stopped answering (fake).");
        return ProcessorBackend::evaluate(batch);
    }

private:
    long m_batches = 0;
};

void devices(Result<std::vector<Gpu>>& out)
{
    if (isSaid("broken")) {
        out = fail(ErrorCode::DeviceLost, "The GPU does not answer (fake).");
        return;
    }
    std::vector<Gpu> gpus;
    const std::uint64_t size = isSaid("small") ? kGiB / 4 : 8 * kGiB;
    if (!isSaid("none"))
        gpus = {{0, "Fake GPU", size, size - size / 8, 100e9},
            {1, "Fake GPU, smaller", size / 2, size / 4, 0}};
    out = std::move(gpus);
}

void makeBackend(
    const Network& network, const PlacementPlan& plan, Result<std::unique_ptr<Backend>>& out)
{
    if (const long full = number("full"); full > 0) {
        setenv("PONDER_FAKE_GPU", ("full=" + std::to_string(full - 1)).c_str(), 1);
        out = fail(ErrorCode::OutOfMemory, "The GPU has too little memory (fake).");
        return;
    }
    auto processor = makeCpuBackend(network, {plan.contextLength, plan.batch, plan.threads});
    if (processor)
        out = std::make_unique<FakeGpu>(std::move(*processor));
    else
        out = tl::unexpected(processor.error());
}

void selfcheck(int, const CheckProgress& progress, Result<std::vector<kernels::CheckResult>>& out)
{
    const kernels::CheckResult check{"a product", "fake", 1e-7, 1e-6, true};
    if (progress)
        progress(check);
    out = std::vector{check};
}

} // namespace

std::uint64_t ponderCudaModuleAbi()
{
    return PONDER_FAKE_ABI;
}

void ponderCudaModuleEntries(CudaModuleEntries& out)
{
    out.devices = devices;
    out.makeBackend = makeBackend;
    out.selfcheck = selfcheck;
    out.copyBandwidth = [](int, Result<double>& bandwidth) { bandwidth = 100e9; };
    out.release = [](int) { };
}
