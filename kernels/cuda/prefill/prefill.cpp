#include "kernels/cuda/prefill/prefill.h"

#include <algorithm>

#include "kernels/cuda/moe/feed_forward_launch.h"
#include "kernels/cuda/prefill/groups.h"
#include "kernels/cuda/prefill/tile_product.h"

namespace ponder::kernels::cuda {

namespace {

constexpr std::size_t kMaxParts = std::size_t{16} << 20; // floats of down's results at a time

/// Hands out pieces of a block of memory, of which there may be none yet.
class Pieces {
public:
    explicit Pieces(std::byte* memory)
        : m_memory(memory)
    {
    }

    template <typename T> T* take(std::size_t count)
    {
        auto* const piece
            = m_memory == nullptr ? nullptr : reinterpret_cast<T*>(m_memory + m_taken);
        m_taken += (count * sizeof(T) + 255) / 256 * 256;
        m_most = std::max(m_most, m_taken);
        return piece;
    }
    [[nodiscard]] std::size_t taken() const { return m_taken; }
    void giveBackTo(std::size_t taken) { m_taken = taken; }
    [[nodiscard]] std::size_t most() const { return m_most; }

private:
    std::byte* m_memory;
    std::size_t m_taken = 0, m_most = 0;
};

VectorForms formsOf(std::size_t cols, std::size_t count)
{
    VectorForms forms;
    forms.cols = static_cast<unsigned>(cols);
    forms.count = static_cast<unsigned>(count);
    return forms;
}

/// One kind of experts on many tokens; measures only, where work is nullptr.
class Side {
public:
    Side(const Work* work, const FeedForwardArgs& args, const DeviceExperts& w, Pieces& pieces)
        : m_work(work)
        , m_args(args)
        , m_w(w)
        , m_pieces(pieces)
        , m_tokens(args.x.rows)
        , m_d(args.x.cols)
        , m_ff(w.gate.rows)
    {
    }

    Status shared(const std::uint8_t* x, const VectorForms& xForms)
    {
        auto* const hidden = m_pieces.take<float>(m_tokens * m_ff);
        TileProduct p = gateAndUp(x, xForms, hidden);
        PONDER_CUDA_TRY(run(p));
        const VectorForms forms = hiddenForms(m_tokens);
        p = down(vectorsOf(hidden, forms), forms);
        if (m_status.ok()) {
            p.rows = static_cast<unsigned>(m_d);
            p.y = m_args.out.data;
            p.yTokenStride = m_args.out.stride;
            p.bias[0] = m_w.downBias;
            p.accumulate = true;
            return run(p);
        }
        return m_status;
    }

    Status routed(const std::uint8_t* x, const VectorForms& xForms)
    {
        const std::size_t pairs = m_tokens * m_args.used;
        GroupArrays arrays;
        TokenGroups groups;
        groups.mostTiles = static_cast<unsigned>(mostTiles(pairs, m_w.gate.count));
        groups.used = static_cast<unsigned>(m_args.used);
        arrays.tiles = m_pieces.take<TokenTile>(groups.mostTiles);
        arrays.tileCount = m_pieces.take<std::uint32_t>(1);
        arrays.pairs = m_pieces.take<std::uint32_t>(pairs);
        arrays.slots = m_pieces.take<std::uint32_t>(pairs);
        groups.tiles = arrays.tiles;
        groups.tileCount = arrays.tileCount;
        groups.pairs = arrays.pairs;
        if (m_work != nullptr) {
            ExpertSide side;
            side.gate = streamMatrix(m_w.gate, {});
            side.up = streamMatrix(m_w.up, {});
            side.down = streamMatrix(m_w.down, {});
            side.experts = static_cast<unsigned>(m_w.gate.count);
            PONDER_CUDA_TRY(groupByExpert(*m_work, side, m_args.ids, pairs, arrays));
        }
        auto* const hidden = m_pieces.take<float>(pairs * m_ff);
        TileProduct p = gateAndUp(x, xForms, hidden);
        p.groups = groups;
        PONDER_CUDA_TRY(run(p));
        const VectorForms forms = hiddenForms(pairs);
        p = down(vectorsOf(hidden, forms), forms);
        PONDER_CUDA_TRY(m_status);
        p.groups = groups;
        p.vectorsAreSlots = true;

        const std::size_t wish = kMaxParts / pairs / kTileRows * kTileRows;
        const std::size_t width = std::min(m_d, std::max<std::size_t>(wish, kTileRows));
        p.y = m_pieces.take<float>(pairs * width);
        for (std::size_t first = 0; first < m_d && m_work != nullptr; first += width) {
            p.firstRow = static_cast<unsigned>(first);
            p.rows = static_cast<unsigned>(std::min(width, m_d - first));
            p.yTokenStride = p.rows;
            PONDER_CUDA_TRY(run(p));
            PONDER_CUDA_TRY(combineParts(*m_work,
                {.parts = p.y,
                    .slots = arrays.slots,
                    .ids = m_args.ids,
                    .weights = m_args.weights,
                    .bias = m_w.downBias,
                    .tokens = static_cast<unsigned>(m_tokens),
                    .used = groups.used,
                    .first = p.firstRow,
                    .cols = p.rows,
                    .d = static_cast<unsigned>(m_d),
                    .out = m_args.out.data,
                    .outStride = m_args.out.stride}));
        }
        return {};
    }

private:
    [[nodiscard]] Status run(const TileProduct& p) const
    {
        return m_work == nullptr ? Status{} : tileProduct(*m_work, p);
    }

    [[nodiscard]] TileProduct gateAndUp(
        const std::uint8_t* x, const VectorForms& forms, float* hidden) const
    {
        TileProduct p;
        p.matrix[0] = streamMatrix(m_w.gate, {});
        p.matrix[1] = streamMatrix(m_w.up, {});
        p.matrices = 2;
        p.vectors = x;
        p.forms = forms;
        p.tokens = static_cast<unsigned>(m_tokens);
        p.rows = static_cast<unsigned>(m_ff);
        p.y = hidden;
        p.yTokenStride = m_ff;
        p.bias[0] = m_w.gateBias;
        p.bias[1] = m_w.upBias;
        p.activation = m_w.activation;
        return p;
    }

    [[nodiscard]] VectorForms hiddenForms(std::size_t count) const
    {
        VectorForms forms = formsOf(m_ff, count);
        forms.need(m_w.down.type);
        return forms;
    }

    const std::uint8_t* vectorsOf(const float* hidden, const VectorForms& forms)
    {
        auto* const vectors = m_pieces.take<std::uint8_t>(forms.bytes());
        if (m_work != nullptr)
            m_status
                = makeVectors(*m_work, {hidden, forms.count, 1, m_ff, m_ff, 0}, {}, forms, vectors);
        return vectors;
    }

    [[nodiscard]] TileProduct down(const std::uint8_t* vectors, const VectorForms& forms) const
    {
        TileProduct p;
        p.matrix[0] = streamMatrix(m_w.down, {});
        p.vectors = vectors;
        p.forms = forms;
        p.tokens = static_cast<unsigned>(m_tokens);
        return p;
    }

    const Work* m_work;
    const FeedForwardArgs& m_args;
    const DeviceExperts& m_w;
    Pieces& m_pieces;
    std::size_t m_tokens, m_d, m_ff;
    Status m_status;
};

Status runAll(const Work* work, const FeedForwardArgs& args, Pieces& pieces)
{
    VectorForms forms = formsOf(args.x.cols, args.x.rows);
    for (const DeviceExperts* w : {args.shared, args.routed}) {
        if (w != nullptr) {
            forms.need(w->gate.type);
            forms.need(w->up.type);
        }
    }
    auto* const x = pieces.take<std::uint8_t>(forms.bytes());
    if (work != nullptr)
        PONDER_CUDA_TRY(makeVectors(*work,
            {args.x.data, args.x.rows, 1, args.x.cols, args.x.stride, 0}, args.norm, forms, x));
    const std::size_t taken = pieces.taken();
    if (args.shared != nullptr)
        PONDER_CUDA_TRY(Side(work, args, *args.shared, pieces).shared(x, forms));
    pieces.giveBackTo(taken);
    if (args.routed != nullptr)
        PONDER_CUDA_TRY(Side(work, args, *args.routed, pieces).routed(x, forms));
    return {};
}

} // namespace

std::size_t prefillFeedForwardMemory(const FeedForwardArgs& args)
{
    Pieces pieces(nullptr);
    (void)runAll(nullptr, args, pieces);
    return pieces.most();
}

Status prefillFeedForward(const Work& work, const FeedForwardArgs& args)
{
    if (work.bytes < prefillFeedForwardMemory(args))
        return {cudaErrorInvalidValue, "feedForward"};
    Pieces pieces(work.memory);
    return runAll(&work, args, pieces);
}

bool canPrefill(const FeedForwardArgs& args)
{
    for (const DeviceExperts* w : {args.shared, args.routed})
        if (w != nullptr
            && (traits(w->gate.type).quantised != traits(w->up.type).quantised
                || w->gate.count > kMaxGroupedExperts))
            return false;
    return true;
}

} // namespace ponder::kernels::cuda
