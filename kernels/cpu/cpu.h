#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/cpu/parallel/thread_pool.h"

namespace ponder::kernels {

struct KernelTable;

/// An instruction set that kernels are written for.
enum class Variant { Reference, Avx2, Avx512 };

[[nodiscard]] std::string_view variantName(Variant variant); ///< "reference", "avx2", "avx512"
[[nodiscard]] bool isSupported(Variant variant); ///< by this processor and operating system
[[nodiscard]] std::vector<Variant> supportedVariants(); ///< slowest first

/// Which kernels to use, and why, in a sentence.
struct CpuChoice {
    Variant variant = Variant::Reference;
    std::string report; ///< "avx512", or what was wrong with the wish
};

/// The best variant of this machine, or the one wished for: "reference", "avx2", "avx512" or
/// nothing. A wish that cannot be met is reported and the best is taken.
[[nodiscard]] CpuChoice chooseCpu(std::string_view wish);
/// The same with the wish from the environment variable PONDER_CPU.
[[nodiscard]] CpuChoice chooseCpu();

/// What every operation needs: the kernels of one instruction set and the workers to run them.
/// One thread uses it at a time. Results never depend on the number of threads.
class Cpu {
public:
    Cpu(); ///< chooseCpu(), all cores
    explicit Cpu(const ThreadPool::Options& options);
    Cpu(const ThreadPool::Options& options, const CpuChoice& choice);
    ~Cpu();
    Cpu(const Cpu&) = delete;
    Cpu& operator=(const Cpu&) = delete;

    [[nodiscard]] ThreadPool& pool() { return m_pool; }
    [[nodiscard]] std::size_t threads() const { return m_pool.threads(); }
    [[nodiscard]] Variant variant() const { return m_choice.variant; }
    [[nodiscard]] const std::string& report() const { return m_choice.report; }
    [[nodiscard]] const KernelTable& kernels() const { return *m_kernels; }

    /// Scratch memory, one piece for each worker: at least bytes, 64-byte aligned. Call outside
    /// of parallel loops; scratch(w) is worker w's until the next reserveScratch().
    void reserveScratch(std::size_t bytes);
    [[nodiscard]] std::byte* scratch(std::size_t worker) { return m_scratch[worker].get(); }

private:
    struct Free {
        void operator()(std::byte* p) const;
    };
    ThreadPool m_pool;
    CpuChoice m_choice;
    const KernelTable* m_kernels;
    std::size_t m_scratchBytes = 0;
    std::vector<std::unique_ptr<std::byte[], Free>> m_scratch;
};

} // namespace ponder::kernels
