#include "engine/file/warm_up.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ // Linux 5.14
#define MADV_POPULATE_READ 22
#endif

namespace ponder {
namespace {

constexpr std::size_t kChunk = 16U << 20U;
constexpr std::size_t kAhead = 4; // chunks asked for while one is waited for
constexpr unsigned kMaxReaders = 4;

using Bytes = std::span<const std::byte>;

/// The weights in pieces of at most kChunk, ascending, tensors that lie side by side as one.
std::vector<Bytes> chunksOf(const ModelFile& file, std::size_t page)
{
    std::vector<Bytes> pieces;
    for (const ModelTensor& tensor : file.tensors()) {
        if (!tensor.source.empty())
            continue; // in memory, and read already
        for (std::size_t i = 0; i < tensor.pieceCount(); ++i)
            pieces.push_back(tensor.piece(i));
    }
    std::ranges::sort(pieces, {}, [](Bytes piece) { return piece.data(); });
    std::vector<Bytes> chunks;
    for (const Bytes piece : pieces) {
        Bytes rest = piece;
        if (!chunks.empty()) {
            Bytes& last = chunks.back();
            const std::byte* end = rest.data() + rest.size();
            if (rest.data() < last.data() + last.size() + page
                && static_cast<std::size_t>(end - last.data()) <= kChunk) {
                last = {last.data(), end};
                continue;
            }
        }
        for (; rest.size() > kChunk; rest = rest.subspan(kChunk))
            chunks.push_back(rest.first(kChunk));
        chunks.push_back(rest);
    }
    return chunks;
}

/// The whole pages around some bytes of a map.
int advise(Bytes bytes, std::size_t page, int advice)
{
    const auto start = reinterpret_cast<std::uintptr_t>(bytes.data()) / page * page;
    const auto end = reinterpret_cast<std::uintptr_t>(bytes.data()) + bytes.size();
    return ::madvise(reinterpret_cast<void*>(start), end - start, advice) == 0 ? 0 : errno;
}

/// Reads one byte of every page, where the system is too old to be asked for all of them.
void touch(Bytes bytes, std::size_t page)
{
    unsigned sum = 0;
    for (std::size_t i = 0; i < bytes.size(); i += page)
        sum += std::to_integer<unsigned>(*static_cast<const volatile std::byte*>(&bytes[i]));
    static_cast<void>(sum);
}

} // namespace

Result<void> warmUp(const ModelFile& file,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress,
    const std::stop_token& stop)
{
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::vector<Bytes> chunks = chunksOf(file, page);
    const std::uint64_t ordered = file.reorderedBytes();
    std::uint64_t total = ordered;
    for (const Bytes chunk : chunks)
        total += chunk.size();
    const auto order = [&](std::uint64_t bytes, std::uint64_t) {
        if (progress)
            progress(bytes, total);
    };
    if (auto ok = file.prepare(order, stop); !ok)
        return ok;
    for (std::size_t i = 0; i < std::min(kAhead, chunks.size()); ++i)
        advise(chunks[i], page, MADV_WILLNEED);

    std::atomic<std::size_t> next = 0;
    std::atomic<std::uint64_t> done = ordered;
    std::atomic<bool> isWhole = true;
    std::uint64_t told = 0; // of this thread
    const auto work = [&](bool reports) {
        for (std::size_t i = next++; i < chunks.size(); i = next++) {
            if (stop.stop_requested() || !isWhole)
                return;
            if (i + kAhead < chunks.size())
                advise(chunks[i + kAhead], page, MADV_WILLNEED);
            const int error = advise(chunks[i], page, MADV_POPULATE_READ);
            if (error == EINVAL)
                touch(chunks[i], page);
            else if (error == EFAULT || error == EIO || error == EHWPOISON)
                isWhole = false; // these pages cannot be had
            done += chunks[i].size();
            if (reports && progress)
                progress(told = done, total);
        }
    };
    {
        std::vector<std::jthread> helpers;
        const unsigned cores = std::max(std::thread::hardware_concurrency(), 1U);
        while (helpers.size() + 1 < std::min<std::size_t>({kMaxReaders, cores, chunks.size()}))
            helpers.emplace_back(work, false);
        work(true);
    }
    if (stop.stop_requested())
        return fail(ErrorCode::Cancelled, "Loading was cancelled.");
    if (const auto change = file.change(); change && change->kind != FileChange::Kind::Written)
        return tl::unexpected(change->error());
    if (!isWhole)
        return fail(ErrorCode::FileUnreadable,
            "The disk does not give all of the model: it failed, or is gone. Look after the disk, "
            "or copy the model to another.");
    if (progress && told < total)
        progress(total, total);
    return {};
}

} // namespace ponder
