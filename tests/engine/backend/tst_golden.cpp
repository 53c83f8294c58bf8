// The engine's logits against those of other implementations: see tests/data/golden/make_golden.py and
// make_families.py.
#include <algorithm>

#include "tests/engine/golden.h"

using namespace ponder;
using namespace ponder::test;

namespace {

/// The last token's experts, layer by layer.
void checkRouting(const Session& session, const Golden& golden)
{
    REQUIRE(session.routing().size() == golden.facts["experts"].size());
    for (const LayerRouting& layer : session.routing()) {
        std::vector<std::int32_t> chosen = layer.experts;
        std::sort(chosen.begin(), chosen.end());
        CHECK(chosen
            == golden.facts["experts"][std::to_string(layer.layer)]
                .get<std::vector<std::int32_t>>());
    }
}

void checkAgainstHuggingFace(const std::string& name)
{
    CAPTURE(name);
    const Golden golden = loadGolden(name);
    const auto session = makeSession(golden, {.recordRouting = true});
    const double far = distance(allLogits(*session, golden.tokens), golden.logits);
    MESSAGE(name << ": " << far);
    CHECK(far < 1e-4);
    checkRouting(*session, golden);
}

} // namespace

TEST_CASE("float weights give Hugging Face's logits")
{
    // Together: F32, F16, BF16; q_lora and none; split, unsplit, both, fused; sigmoid and softmax;
    // bias and none; groups by two best, by best, none; YaRN and none; tied and own head.
    for (const std::string name :
        {"v3_yarn", "v3_unsplit", "v3_both_fused_tied", "v2_groups", "v2_lite"}) {
        checkAgainstHuggingFace(name);
    }
}

TEST_CASE("the families beside DeepSeek's give Hugging Face's logits")
{
    // See make_families.py: odd head counts and widths, partial and stretched rotations, biases, norms of
    // heads, windows, sinks, a dense layer among routed ones, experts in MXFP4.
    for (const std::string name : {"llama", "llama_odd_tied", "llama_linear", "qwen2_yarn", "qwen3",
             "qwen3moe", "gpt_oss", "gpt_oss_mxfp4"}) {
        checkAgainstHuggingFace(name);
    }
}

TEST_CASE("quantised weights stay as near to the file's exact logits as llama.cpp does")
{
    // The last has a type for each of its matrices: all those that the others lack.
    for (const std::string name : {"v3_q8_0", "v3_q4_k", "v3_q6_k", "v3_mixed"}) {
        CAPTURE(name);
        const Golden golden = loadGolden(name);
        const auto session = makeSession(golden);
        const double far = distance(allLogits(*session, golden.tokens), golden.logits);
        const double llama = golden.facts["llama_distance"].get<double>();
        MESSAGE(name << ": " << far << ", llama.cpp " << llama);
        CHECK(far <= llama);
    }
}
