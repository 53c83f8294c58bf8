#include "kernels/cpu/cpu.h"

#include <cstdlib>
#include <new>

#if defined(PONDER_X86_VARIANTS)
#include <cpuid.h>
#endif

#include "kernels/cpu/dispatch/kernel_table.h"

namespace ponder::kernels {

namespace {

constexpr Variant kVariants[] = {Variant::Reference, Variant::Avx2, Variant::Avx512};
constexpr std::size_t kScratchAlignment = 64;

const KernelTable& tableOf(Variant variant)
{
#if defined(PONDER_X86_VARIANTS)
    switch (variant) {
    case Variant::Avx512:
        return kAvx512Kernels;
    case Variant::Avx2:
        return kAvx2Kernels;
    case Variant::Reference:
        break;
    }
#endif
    (void)variant;
    return kReferenceKernels;
}

#if defined(PONDER_X86_VARIANTS)
// __builtin_cpu_supports also asks whether the operating system saves the registers (XGETBV).
bool hasAvx2()
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    const bool f16c = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
    return f16c && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

bool hasAvx512()
{
    return hasAvx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vnni");
}
#endif

} // namespace

std::string_view variantName(Variant variant)
{
    switch (variant) {
    case Variant::Avx512:
        return "avx512";
    case Variant::Avx2:
        return "avx2";
    case Variant::Reference:
        break;
    }
    return "reference";
}

bool isSupported(Variant variant)
{
#if defined(PONDER_X86_VARIANTS)
    switch (variant) {
    case Variant::Avx512:
        return hasAvx512();
    case Variant::Avx2:
        return hasAvx2();
    case Variant::Reference:
        break;
    }
    return true;
#else
    return variant == Variant::Reference;
#endif
}

std::vector<Variant> supportedVariants()
{
    std::vector<Variant> result;
    for (const Variant variant : kVariants) {
        if (isSupported(variant)) {
            result.push_back(variant);
        }
    }
    return result;
}

CpuChoice chooseCpu(std::string_view wish)
{
    const Variant best = supportedVariants().back();
    const std::string bestName(variantName(best));
    if (wish.empty()) {
        return {best, bestName};
    }
    for (const Variant variant : kVariants) {
        if (variantName(variant) == wish) {
            if (isSupported(variant)) {
                return {variant, std::string(wish) + " (as PONDER_CPU asks)"};
            }
            return {best,
                bestName + " (PONDER_CPU asks for " + std::string(wish)
                    + ", which this processor or operating system does not support)"};
        }
    }
    return {best,
        bestName + " (PONDER_CPU is \"" + std::string(wish)
            + "\"; it can be reference, avx2 or avx512)"};
}

CpuChoice chooseCpu()
{
    const char* wish = std::getenv("PONDER_CPU");
    return chooseCpu(wish != nullptr ? std::string_view(wish) : std::string_view());
}

Cpu::Cpu()
    : Cpu(ThreadPool::Options{})
{
}

Cpu::Cpu(const ThreadPool::Options& options)
    : Cpu(options, chooseCpu())
{
}

Cpu::Cpu(const ThreadPool::Options& options, const CpuChoice& choice)
    : m_pool(options)
    , m_choice(choice)
    , m_kernels(&tableOf(choice.variant))
{
}

Cpu::~Cpu() = default;

void Cpu::Free::operator()(std::byte* p) const
{
    ::operator delete[](p, std::align_val_t{kScratchAlignment});
}

void Cpu::reserveScratch(std::size_t bytes)
{
    if (bytes <= m_scratchBytes && m_scratch.size() == m_pool.threads()) {
        return;
    }
    m_scratch.clear();
    for (std::size_t i = 0; i < m_pool.threads(); ++i) {
        m_scratch.emplace_back(
            static_cast<std::byte*>(::operator new[](bytes, std::align_val_t{kScratchAlignment})));
    }
    m_scratchBytes = bytes;
}

} // namespace ponder::kernels
