#pragma once

#include "engine/backend/cpu/cpu_step.h"
#include "engine/model/network.h"
#include "kernels/cpu/attention/attention.h"

namespace ponder {

/// Grouped-query attention on the processor. Keeps its working memory from call to call; one thread
/// uses it at a time.
class CpuGqa {
public:
    /// Appends the batch's keys and values to the cache and attends. Returns
    /// [tokens, heads, valueDim], what the output matrix takes, valid until the next call.
    [[nodiscard]] kernels::HeadRows run(const CpuStep& step, const GqaAttention& a);

private:
    kernels::Attention m_attention;
    Buffer m_query, m_keys, m_newValues, m_values;
};

} // namespace ponder
