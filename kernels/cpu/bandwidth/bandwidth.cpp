#include "kernels/cpu/bandwidth/bandwidth.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "kernels/cpu/dispatch/kernel_table.h"

namespace ponder::kernels {

double measureReadBandwidth(Cpu& cpu, std::size_t bytes, int repeats)
{
    constexpr std::size_t kPiece = std::size_t{1} << 20;
    const std::size_t pieces = bytes / kPiece;
    const std::unique_ptr<std::byte[]> buffer(new (std::nothrow) std::byte[pieces * kPiece]);
    if (buffer == nullptr || pieces == 0 || repeats <= 0) {
        return 0;
    }
    // Written first: untouched pages would all be the same page of zeros.
    cpu.pool().parallelFor(pieces, 1, [&](std::size_t begin, std::size_t end, std::size_t) {
        std::memset(buffer.get() + begin * kPiece, 1, (end - begin) * kPiece);
    });
    std::vector<std::uint64_t> sums(cpu.threads() * 8);
    std::vector<double> speeds;
    for (int i = 0; i < repeats; ++i) {
        const auto start = std::chrono::steady_clock::now();
        cpu.pool().parallelFor(
            pieces, 4, [&](std::size_t begin, std::size_t end, std::size_t worker) {
                sums[worker * 8] += cpu.kernels().readBytes(
                    buffer.get() + begin * kPiece, (end - begin) * kPiece);
            });
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        speeds.push_back(static_cast<double>(pieces * kPiece) / seconds.count());
    }
    // The sums go somewhere the compiler must not leave out.
    [[maybe_unused]] volatile std::uint64_t sink = 0;
    for (const std::uint64_t sum : sums) {
        sink = sink + sum;
    }
    std::nth_element(speeds.begin(), speeds.begin() + repeats / 2, speeds.end());
    return speeds[static_cast<std::size_t>(repeats) / 2];
}

} // namespace ponder::kernels
