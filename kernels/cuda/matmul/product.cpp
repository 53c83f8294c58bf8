#include "kernels/cuda/matmul/product.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "kernels/cuda/matmul/product_launch.h"
#include "kernels/cuda/prefill/tile_product.h"

namespace ponder::kernels::cuda {

namespace {

/// The matrices of a product of up to kMaxDecodeTokens tokens, and how they are streamed.
struct Plan {
    ProductKernel kernel{};
    std::size_t shared = 0;
    std::size_t memory = 0; ///< bytes of work.memory
    dim3 grid;
};

struct Matrices {
    struct One {
        WeightStack w;
        const float* bias;
        HeadRows y;
        bool accumulate;
    };
    std::array<One, kMaxProductParts> all;
    std::size_t count = 0;
};

WeightStack stackOf(const WeightView& w)
{
    WeightStack stack;
    stack.type = w.type;
    stack.data = w.data;
    stack.count = 1;
    stack.rows = w.rows;
    stack.cols = w.cols;
    stack.rowStride = w.rowStride;
    stack.scales = w.scales;
    return stack;
}

Matrices matricesOf(const ProductArgs& args)
{
    Matrices m;
    m.count = args.partCount;
    for (std::size_t i = 0; i < args.partCount; ++i) {
        const ProductPart& part = args.parts[i];
        m.all[i] = {stackOf(part.w), part.bias,
            {part.y.data, part.y.rows, 1, part.y.cols, part.y.stride, 0}, part.accumulate};
    }
    return m;
}

bool fits(const Matrices& m, const ConstHeadRows& x)
{
    bool packed = false;
    for (std::size_t i = 0; i < m.count; ++i) {
        const Matrices::One& one = m.all[i];
        if (one.w.cols != x.cols || one.w.count < x.heads || one.y.cols != one.w.rows
            || one.y.tokens != x.tokens || one.y.heads != x.heads
            || !rowBytes(one.w.type, one.w.cols))
            return false;
        packed = packed || traits(one.w.type).quantised;
    }
    const bool aligned = x.tokenStride % 4 == 0 && (x.heads == 1 || x.headStride % 4 == 0)
        && reinterpret_cast<std::uintptr_t>(x.data) % 16 == 0;
    return m.count > 0 && m.count <= kMaxProductParts && (!packed || aligned || x.tokens == 0);
}

Plan planOf(
    const Matrices& m, const ConstHeadRows& x, const InputNorm& norm, const DeviceLimits& limits)
{
    Plan plan;
    ProductKernel& k = plan.kernel;
    StreamShapes shapes;
    for (std::size_t i = 0; i < m.count; ++i) {
        shapes.add(m.all[i].w.type, m.all[i].w.rows, x.cols);
        k.forms.need(m.all[i].w.type);
    }
    k.shape = shapes.best();
    k.parts = static_cast<unsigned>(m.count);
    unsigned steps = 0;
    for (std::size_t i = 0; i < m.count; ++i) {
        const Matrices::One& one = m.all[i];
        k.part[i] = {streamMatrix(one.w, k.shape), one.bias, one.y.data, one.y.tokenStride,
            one.y.headStride, k.tiles, one.accumulate};
        k.tiles += k.shape.tiles(one.w.rows);
        steps = std::max(steps, k.part[i].matrix.steps);
    }
    k.tokens = static_cast<unsigned>(x.tokens);
    k.heads = static_cast<unsigned>(x.heads);
    k.x = x.data;
    k.xTokenStride = x.tokenStride;
    k.xHeadStride = x.headStride;
    k.norm = norm;
    k.forms.cols = static_cast<unsigned>(x.cols);
    k.forms.count = k.tokens;

    // Few tiles with many steps each: a block's warps share them, so that more loads are in flight.
    const auto blocks = static_cast<unsigned>(limits.multiprocessors) * kBlocksPerMultiprocessor;
    const auto heads = static_cast<unsigned>(x.heads);
    k.shareTiles = k.tiles * heads <= blocks && steps > 1;
    const std::size_t lanesOfPartials = x.tokens == 1 ? 1 : kMaxDecodeTokens;
    k.partialBytes = k.shareTiles
        ? static_cast<unsigned>(kStreamWarps * k.shape.tileRows() * lanesOfPartials * sizeof(float))
        : 0;
    plan.shared = k.shape.ringBytes() + kIndexBytes + k.partialBytes;
    if (plan.shared + k.forms.bytes() <= limits.mostShared()) {
        plan.shared += k.forms.bytes();
    } else {
        k.forms.count = k.tokens * heads;
        plan.memory = k.forms.bytes();
    }
    const unsigned room = plan.shared <= limits.sharedOfTwo() ? blocks : blocks / 2;
    const unsigned perHead = std::max(1U, (room + heads - 1) / heads);
    plan.grid = dim3(std::min(k.tiles, perHead), heads);
    return plan;
}

Status refuse(const char* name)
{
    return {cudaErrorInvalidValue, name};
}

template <typename Fused> Status launch(const Plan& plan, const Fused& fused, const Work& work)
{
    return plan.kernel.tokens == 1
        ? launchProduct<1>(plan.kernel, fused, plan.grid, plan.shared, work)
        : launchProduct<8>(plan.kernel, fused, plan.grid, plan.shared, work);
}

Status runFew(const Work& work, const Matrices& m, const ConstHeadRows& x, const InputNorm& norm,
    const char* name)
{
    Plan plan = planOf(m, x, norm, work.limits);
    if (x.tokens == 0 || x.heads == 0 || plan.kernel.tiles == 0)
        return {};
    if (plan.memory > 0) {
        if (work.bytes < plan.memory)
            return refuse(name);
        auto* const ready = reinterpret_cast<std::uint8_t*>(work.memory);
        PONDER_CUDA_TRY(makeVectors(work, x, norm, plan.kernel.forms, ready));
        plan.kernel.ready = ready;
    }
    return launch(plan, Alone{}, work);
}

/// Every token and head's vectors, for a product of many tokens.
VectorForms manyForms(const Matrices& m, const ConstHeadRows& x)
{
    VectorForms forms;
    forms.cols = static_cast<unsigned>(x.cols);
    forms.count = static_cast<unsigned>(x.tokens * x.heads);
    for (std::size_t i = 0; i < m.count; ++i)
        forms.need(m.all[i].w.type);
    return forms;
}

Status runMany(const Work& work, const Matrices& m, const ConstHeadRows& x, const InputNorm& norm,
    const char* name)
{
    TileProduct p;
    p.forms = manyForms(m, x);
    if (work.bytes < p.forms.bytes())
        return refuse(name);
    auto* const vectors = reinterpret_cast<std::uint8_t*>(work.memory);
    PONDER_CUDA_TRY(makeVectors(work, x, norm, p.forms, vectors));
    p.vectors = vectors;
    p.tokens = static_cast<unsigned>(x.tokens);
    p.heads = static_cast<unsigned>(x.heads);
    for (std::size_t i = 0; i < m.count; ++i) {
        const Matrices::One& one = m.all[i];
        p.matrix[0] = streamMatrix(one.w, {});
        p.rows = static_cast<unsigned>(one.w.rows);
        p.y = one.y.data;
        p.yTokenStride = one.y.tokenStride;
        p.yHeadStride = one.y.headStride;
        p.bias[0] = one.bias;
        p.accumulate = one.accumulate;
        PONDER_CUDA_TRY(tileProduct(work, p));
    }
    return {};
}

Status run(const Work& work, const Matrices& m, const ConstHeadRows& x, const InputNorm& norm,
    const char* name)
{
    if (!fits(m, x))
        return refuse(name);
    return x.tokens > kMaxDecodeTokens ? runMany(work, m, x, norm, name)
                                       : runFew(work, m, x, norm, name);
}

std::size_t memoryOf(const Matrices& m, ConstHeadRows x, const InputNorm& norm)
{
    const std::size_t many = x.tokens > kMaxDecodeTokens ? manyForms(m, x).bytes() : 0;
    x.tokens = std::min(x.tokens, kMaxDecodeTokens);
    return std::max(many, planOf(m, x, norm, kUnknownGpu).memory);
}

ConstHeadRows oneHead(const ConstFloatRows& x)
{
    return {x.data, x.rows, 1, x.cols, x.stride, 0};
}

} // namespace

std::size_t productMemory(const ProductArgs& args)
{
    return memoryOf(matricesOf(args), oneHead(args.x), args.norm);
}

Status product(const Work& work, const ProductArgs& args)
{
    return run(work, matricesOf(args), oneHead(args.x), args.norm, "product");
}

namespace {

Matrices matricesOf(const HeadProductArgs& args)
{
    Matrices m;
    m.count = 1;
    m.all[0] = {args.w, nullptr, args.y, false};
    return m;
}

} // namespace

std::size_t headProductMemory(const HeadProductArgs& args)
{
    return memoryOf(matricesOf(args), args.x, {});
}

Status headProduct(const Work& work, const HeadProductArgs& args)
{
    return run(work, matricesOf(args), args.x, {}, "headProduct");
}

namespace {

/// How a head product of few tokens is made in one launch; nothing where it cannot be.
std::optional<Plan> oneLaunch(const Work& work, const HeadProductArgs& args)
{
    const Matrices m = matricesOf(args);
    if (!fits(m, args.x) || args.x.tokens == 0 || args.x.tokens > kMaxDecodeTokens
        || args.x.heads == 0)
        return std::nullopt;
    const Plan plan = planOf(m, args.x, {}, work.limits);
    if (plan.memory > 0 || plan.kernel.tiles == 0)
        return std::nullopt;
    return plan;
}

} // namespace

Status headProduct(const Work& work, const HeadProductArgs& args, const MlaPrepare& prepare)
{
    std::optional<Plan> plan = oneLaunch(work, args);
    if (!plan || prepare.latent.rows != args.x.tokens) {
        PONDER_CUDA_TRY(prepareMla(prepare, work.stream));
        return headProduct(work, args);
    }
    WithMlaPrepare fused{prepare, prepareParts(prepare, kStreamThreads), 0};
    const auto blocks = static_cast<unsigned>(prepare.latent.rows) * fused.parts;
    fused.gridRows = (blocks + plan->grid.x - 1) / plan->grid.x;
    plan->shared = std::max(plan->shared, prepare.latent.cols * sizeof(float));
    return launch(*plan, fused, work);
}

Status headProduct(
    const Work& work, const HeadProductArgs& args, const AttentionArguments& attention)
{
    // Every block of a head combines all of its splits, so only a few blocks are used.
    constexpr unsigned kMaxBlocksOfHead = 4;
    std::optional<Plan> plan = oneLaunch(work, args);
    if (!plan || args.x.cols > kMaxCombinedCols
        || plan->shared + kCombineBytes > work.limits.mostShared()) {
        PONDER_CUDA_TRY(combineSplits(attention, work.stream));
        return headProduct(work, args);
    }
    plan->grid.x = std::min(plan->grid.x, kMaxBlocksOfHead);
    return launch(*plan, AfterAttentionCombine{attention}, work);
}

} // namespace ponder::kernels::cuda
