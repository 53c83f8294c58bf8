// The families beside DeepSeek's: what they need of a file, and the ways in which files say the same.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "tests/engine/contains.h"
#include "tests/engine/gguf_bytes.h"
#include "tests/engine/golden.h"
#include "tests/engine/network_refusal.h"

using namespace ponder;
using namespace ponder::test;

namespace {

/// Reads the network as its architecture says; the sentence where that fails, otherwise empty.
/// Logits of the golden tokens for a changed file.
std::vector<float> logitsOf(const GgufBytes& g, const Golden& golden)
{
    const auto path = std::filesystem::temp_directory_path() / "ponder-tst-families.gguf";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << g.build();
    auto model = Model::open(path);
    REQUIRE_MESSAGE(model, (model ? "" : model.error().message));
    auto session = Session::create(*model);
    REQUIRE(session);
    auto all = allLogits(**session, golden.tokens);
    std::filesystem::remove(path);
    return all;
}

std::string floats(const std::vector<float>& values)
{
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

const std::vector<std::string> kNames
    = {"llama", "llama_odd_tied", "qwen2_yarn", "qwen3", "qwen3moe", "gpt_oss", "gpt_oss_mxfp4"};

} // namespace

TEST_CASE("every tensor of a family is needed, in its shape")
{
    for (const std::string& model : kNames) {
        CAPTURE(model);
        const GgufBytes whole = goldenBytes(model);
        REQUIRE(refusal(whole).empty());
        for (std::size_t i = 0; i < whole.tensors.size(); ++i) {
            const std::string name = whole.tensors[i].name;
            CAPTURE(name);
            GgufBytes g = whole;
            g.tensors.erase(g.tensors.begin() + static_cast<std::ptrdiff_t>(i));
            // Without an output the embedding serves; Llama's biases and factors are there or are not.
            if (name == "output.weight" || name == "rope_freqs.weight"
                || (model.starts_with("llama") && name.ends_with(".bias")))
                CHECK(refusal(g).empty());
            else
                CHECK(contains(refusal(g), name + " is missing"));

            g = whole;
            auto& tensor = g.tensors[i];
            tensor.data.resize(
                tensor.data.size() / tensor.dimensions.back() * (tensor.dimensions.back() + 1));
            tensor.dimensions.back() += 1;
            const std::string told = refusal(g);
            if (name == "token_embd.weight")
                CHECK(told.empty() == (model == "llama_odd_tied")); // a larger vocabulary
            else
                CHECK(contains(told, name + " has the shape"));
        }
    }
}

TEST_CASE("no number in place of a parameter leads to a crash or a wrong shape")
{
    for (const std::string& model : kNames)
        replaceEveryNumber(goldenBytes(model));
}

TEST_CASE("what a file leaves out is taken for the usual, and contradictions are named")
{
    GgufBytes g = goldenBytes("qwen2_yarn"); // 4 heads of 16 over 64
    for (const char* key :
        {"attention.key_length", "attention.value_length", "rope.dimension_count"})
        g.drop(std::string("qwen2.") + key);
    CHECK(refusal(g).empty());
    g.putUint("qwen2.attention.head_count", 3);
    CHECK_FALSE(refusal(g).empty());
    g = goldenBytes("qwen2_yarn");
    g.putUint("qwen2.attention.head_count_kv", 3);
    CHECK(contains(refusal(g), "do not share its keys evenly"));
    g = goldenBytes("qwen2_yarn");
    g.putUint("qwen2.rope.dimension_count", 7);
    CHECK(contains(refusal(g), "odd number"));
    g = goldenBytes("qwen2_yarn");
    g.putText("qwen2.rope.scaling.type", "longrope");
    CHECK(contains(refusal(g), "longrope"));
    g = goldenBytes("gpt_oss");
    g.drop("gpt-oss.attention.sliding_window");
    CHECK(contains(refusal(g), "sliding_window is missing"));
    g = goldenBytes("llama");
    g.tensor("rope_freqs.weight").data = floats({1, 0, 1, 1});
    CHECK(contains(refusal(g), "slowed down"));
}

TEST_CASE("Llama 3's stretch may be keys in place of factors")
{
    const Golden golden = loadGolden("llama");
    GgufBytes g = goldenBytes("llama");
    std::erase_if(g.tensors, [](const auto& t) { return t.name == "rope_freqs.weight"; });
    const double without = distance(logitsOf(g, golden), golden.logits);
    CHECK(without > 1e-3);
    g.putText("llama.rope.scaling.type", "llama3");
    g.putFloat("llama.rope.scaling.factor", 8);
    g.putFloat("llama.rope.scaling.low_freq_factor", 1);
    g.putFloat("llama.rope.scaling.high_freq_factor", 4);
    g.putUint("llama.rope.scaling.original_context_length", 64);
    CHECK(distance(logitsOf(g, golden), golden.logits) < 1e-4);
}

TEST_CASE("a file may keep the halves of Llama's rotated pairs apart")
{
    constexpr std::size_t kHead = 8;
    const Golden golden = loadGolden("llama");
    GgufBytes g = goldenBytes("llama");
    for (auto& tensor : g.tensors) {
        if (!tensor.name.ends_with("attn_q.weight") && !tensor.name.ends_with("attn_k.weight"))
            continue;
        const std::size_t row = tensor.data.size() / tensor.dimensions[1];
        const std::string beside = tensor.data;
        for (std::size_t r = 0; r < tensor.dimensions[1]; ++r) {
            const std::size_t i = r % kHead;
            const std::size_t from = r - i + (i < kHead / 2 ? 2 * i : 2 * (i - kHead / 2) + 1);
            beside.copy(tensor.data.data() + r * row, row, from * row);
        }
    }
    CHECK(distance(logitsOf(g, golden), golden.logits) > 1e-3);
    g.put("llama.rope.halves", 7, GgufBytes::raw<std::uint8_t>(1));
    CHECK(distance(logitsOf(g, golden), golden.logits) < 1e-4);
}

TEST_CASE("fewer numbers than a head has may turn")
{
    // The first 20 of 40, with the base b: as all 40 with b * b, of which half the pairs stand still.
    const Golden golden = loadGolden("llama_odd_tied");
    GgufBytes part = goldenBytes("llama_odd_tied");
    part.putUint("llama.rope.dimension_count", 20);
    part.putFloat("llama.rope.freq_base", 50);
    GgufBytes all = goldenBytes("llama_odd_tied");
    all.putFloat("llama.rope.freq_base", 2500);
    std::vector<float> slowdown(20, 1e30F);
    std::fill_n(slowdown.begin(), 10, 1.0F);
    all.tensors.push_back({"rope_freqs.weight", {20}, 0, floats(slowdown)});
    const std::vector<float> expected = logitsOf(all, golden);
    CHECK(distance(golden.logits, expected) > 1e-3);
    CHECK(distance(logitsOf(part, golden), expected) < 1e-5);
}

TEST_CASE("older files' ways to say that positions are stretched mean the same")
{
    struct Row {
        const char* model;
        std::vector<std::pair<const char*, float>> numbers;
        const char* type; // nullptr: none
        std::vector<std::pair<const char*, float>> means; // with its type
        const char* meansType;
    };
    const Row rows[] = {
        {"llama_odd_tied", {{"rope.scale_linear", 4}}, nullptr, {{"rope.scaling.factor", 4}},
            "linear"},
        {"llama_odd_tied", {{"rope.scaling.factor", 4}}, nullptr, {{"rope.scaling.factor", 4}},
            "linear"},
        {"llama_odd_tied", {{"rope.scale_linear", 4}}, "linear", {{"rope.scaling.factor", 4}},
            "linear"},
        // The newer key counts where both are there.
        {"llama_odd_tied", {{"rope.scale_linear", 9}, {"rope.scaling.factor", 4}}, nullptr,
            {{"rope.scaling.factor", 4}}, "linear"},
        {"llama_odd_tied", {{"rope.scale_linear", 0}}, nullptr, {}, "none"},
        {"llama_odd_tied", {{"rope.scaling.factor", 1}}, "linear", {}, "none"},
        {"llama_odd_tied", {{"rope.scaling.factor", 4}}, "none", {}, "none"},
        {"llama_odd_tied", {}, "linear", {}, "none"},
        {"qwen3", {{"rope.scale_linear", 4}}, nullptr, {{"rope.scaling.factor", 4}}, "linear"},
        {"v2_lite", {{"rope.scale_linear", 4}}, nullptr, {{"rope.scaling.factor", 4}}, "linear"},
        // YaRN without its original context takes the model's.
        {"llama_odd_tied", {{"rope.scaling.factor", 4}}, "yarn",
            {{"rope.scaling.factor", 4}, {"rope.scaling.original_context_length", 1280}}, "yarn"},
        {"v2_lite", {{"rope.scaling.factor", 4}}, "yarn",
            {{"rope.scaling.factor", 4}, {"rope.scaling.original_context_length", 1280}}, "yarn"},
        // YaRN without any mixing is linear.
        {"llama_odd_tied", {{"rope.scaling.factor", 4}, {"rope.scaling.yarn_ext_factor", 0}},
            "yarn", {{"rope.scaling.factor", 4}}, "linear"},
        {"llama_odd_tied", {{"rope.scaling.factor", 4}, {"rope.scaling.yarn_attn_factor", 2}},
            "yarn", {{"rope.scaling.factor", 4}, {"rope.scaling.attn_factor", 2}}, "yarn"},
    };
    for (const Row& row : rows) {
        const Golden golden = loadGolden(row.model);
        const std::string architecture = golden.model->info().architecture + '.';
        const auto with = [&](const auto& numbers, const char* type) {
            GgufBytes g = goldenBytes(row.model);
            std::erase_if(g.entries, [&](const GgufBytes::Entry& e) {
                return e.key.starts_with(architecture + "rope.scal");
            });
            for (const auto& [key, value] : numbers) {
                if (std::string_view(key).ends_with("length"))
                    g.putUint(architecture + key, static_cast<std::uint32_t>(value));
                else
                    g.putFloat(architecture + key, value);
            }
            if (type != nullptr)
                g.putText(architecture + "rope.scaling.type", type);
            return logitsOf(g, golden);
        };
        CAPTURE(row.model);
        CAPTURE(row.numbers.size());
        const auto said = with(row.numbers, row.type);
        CHECK(said == with(row.means, row.meansType));
        const std::vector<std::pair<const char*, float>> nothing;
        const bool stretches = std::string_view(row.meansType) != "none";
        CHECK((distance(said, with(nothing, nullptr)) > 1e-3) == stretches);
    }
    GgufBytes g = goldenBytes("llama_odd_tied");
    g.putText("llama.rope.scaling.type", "yarn");
    g.putFloat("llama.rope.scaling.factor", 4);
    g.putFloat("llama.rope.scaling.yarn_ext_factor", 0.5F);
    CHECK(contains(refusal(g), "a part of YaRN"));
    g.putFloat("llama.rope.scaling.yarn_ext_factor", -1); // how peers write "as usual"
    CHECK(refusal(g).empty());
    g.putFloat("llama.rope.scaling.factor", 0.5F);
    CHECK(contains(refusal(g), "squeezed"));
    g.putText("llama.rope.scaling.type", "su\x1b[31m");
    g.putFloat("llama.rope.scaling.factor", 4);
    CHECK(contains(refusal(g), "su\uFFFD[31m"));
}
