// The engine's logits against those of other implementations: see tests/data/golden/make_golden.py.
#include <algorithm>

#include "tests/engine/golden.h"

using namespace ponder;
using namespace ponder::test;

TEST_CASE("float weights give Hugging Face's logits")
{
    // Together: F32, F16, BF16; q_lora and none; split, unsplit, both, fused; sigmoid and softmax;
    // bias and none; groups by two best, by best, none; YaRN and none; tied and own head.
    for (const std::string name :
        {"v3_yarn", "v3_unsplit", "v3_both_fused_tied", "v2_groups", "v2_lite"}) {
        CAPTURE(name);
        const Golden golden = loadGolden(name);
        const auto session = makeSession(golden, {.recordRouting = true});
        const double far = distance(allLogits(*session, golden.tokens), golden.logits);
        MESSAGE(name << ": " << far);
        CHECK(far < 1e-4);

        REQUIRE(session->routing().size() == golden.facts["experts"].size());
        for (const LayerRouting& layer : session->routing()) {
            std::vector<std::int32_t> chosen = layer.experts;
            std::sort(chosen.begin(), chosen.end());
            CHECK(chosen
                == golden.facts["experts"][std::to_string(layer.layer)]
                    .get<std::vector<std::int32_t>>());
        }
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
