// What a model file says of itself, and files whose parameters and tensors do not agree.
#include <filesystem>
#include <fstream>
#include <limits>

#include "engine/model/agreement.h"
#include "tests/engine/contains.h"
#include "tests/engine/gguf_bytes.h"
#include "tests/engine/golden.h"
#include "tests/engine/network_refusal.h"

using namespace ponder;
using namespace ponder::test;

namespace {

/// Opens the bytes as a file, through Model.
Result<std::shared_ptr<const Model>> openBytes(const std::string& bytes)
{
    const auto path = std::filesystem::temp_directory_path() / "ponder-tst-model.gguf";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    auto model = Model::open(path);
    std::filesystem::remove(path);
    return model;
}

} // namespace

TEST_CASE("a model describes itself")
{
    const Golden golden = loadGolden("v3_q4_k");
    const ModelInfo& info = golden.model->info();
    CHECK(info.architecture == "deepseek2");
    CHECK(info.name == "golden-31");
    CHECK(info.layers == 2);
    CHECK(info.vocabularySize == 96);
    CHECK(info.contextLength == 1280);
    CHECK(info.experts == 3);
    CHECK(info.expertsUsed == 2);
    CHECK(info.quantisation.starts_with("Q4_K 9"));
    CHECK(info.fingerprint.size() == 16);
    std::uint64_t weights = 0;
    for (const ModelTensor& t : golden.model->file().tensors())
        weights += t.weightCount();
    CHECK(info.parameters == weights);
    // One of three experts (three matrices of 256 x 256) rests, as do the embedding, the norms and the bias.
    CHECK(info.activeParameters == weights - 3 * 256 * 256 - 96 * 256 - (5 * 256 + 2 * 512) - 3);
    const Network& network = golden.model->network();
    CHECK(network.activeWeightBytes() < network.weightBytes());
    CHECK(network.weightBytes() < info.fileBytes);
    CHECK(network.cacheBytesPerToken() == 2 * (256 + 8) * 4);
}

TEST_CASE("a fingerprint is stable, and another training of the same shape has another")
{
    GgufBytes g = goldenBytes("v2_lite");
    const auto first = openBytes(g.build());
    const auto again = openBytes(g.build());
    std::string& data = g.tensor("blk.1.ffn_up_exps.weight").data;
    for (char& c : data)
        c = static_cast<char>(c ^ 1);
    const auto other = openBytes(g.build());
    REQUIRE((first && again && other));
    CHECK((*first)->info().fingerprint == (*again)->info().fingerprint);
    CHECK((*first)->info().fingerprint != (*other)->info().fingerprint);
}

TEST_CASE("warming reads all, tells how far it is, and can be stopped")
{
    const auto path = std::filesystem::path(PONDER_TEST_DATA) / "golden" / "v2_lite.gguf";
    std::uint64_t last = 0;
    std::uint64_t all = 0;
    ModelOpenOptions options;
    options.warm = true;
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
        CHECK(done > last);
        last = done;
        all = total;
    };
    CHECK(Model::open(path, options));
    CHECK(last == all);
    CHECK(all > 0);
    std::stop_source stop;
    stop.request_stop();
    options.stop = stop.get_token();
    const auto stopped = Model::open(path, options);
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == ErrorCode::Cancelled);
}

TEST_CASE("unknown architectures and vocabularies alone are refused")
{
    GgufBytes g = goldenBytes("v2_lite");
    g.putText("general.architecture", "mamba");
    auto model = openBytes(g.build());
    REQUIRE_FALSE(model);
    CHECK(model.error().code == ErrorCode::UnsupportedArchitecture);
    CHECK(contains(model.error().message, "\"mamba\""));
    CHECK(contains(model.error().message, "deepseek2"));
    CHECK(contains(model.error().message, "ponder-tst-model.gguf"));
    g.drop("general.architecture");
    CHECK(contains(openBytes(g.build()).error().message, "general.architecture"));
    g = goldenBytes("v2_lite");
    g.tensors.clear();
    CHECK(contains(openBytes(g.build()).error().message, "vocabulary only"));
}

TEST_CASE("every tensor is needed, in its shape")
{
    const GgufBytes whole = goldenBytes("v3_yarn");
    REQUIRE(refusal(whole).empty());
    for (std::size_t i = 0; i < whole.tensors.size(); ++i) {
        const std::string name = whole.tensors[i].name;
        CAPTURE(name);
        GgufBytes g = whole;
        g.tensors.erase(g.tensors.begin() + static_cast<std::ptrdiff_t>(i));
        // Without an output the embedding serves; without a bias nothing is added; without keys the file is unsplit.
        if (name == "output.weight" || name.ends_with("exp_probs_b.bias"))
            CHECK(refusal(g).empty());
        else if (name.ends_with("attn_k_b.weight"))
            CHECK(contains(refusal(g), "attn_kv_b.weight is missing"));
        else
            CHECK(contains(refusal(g), name + " is missing"));

        g = whole;
        g.tensors[i].dimensions.back() += 1;
        g.tensors[i].data.resize(2 * g.tensors[i].data.size());
        g.tensors[i].data.resize(whole.tensors[i].data.size() / whole.tensors[i].dimensions.back()
            * g.tensors[i].dimensions.back());
        if (name == "token_embd.weight")
            CHECK(contains(refusal(g), "output.weight has the shape"));
        else
            CHECK(contains(refusal(g), name + " has the shape"));
    }
}

TEST_CASE("a quantisation without kernels is named")
{
    GgufBytes g = goldenBytes("v3_q4_k");
    auto& tensor = g.tensor("blk.1.ffn_up_exps.weight");
    tensor.type = 9;
    tensor.data.resize(256ULL * 256 * 3 / 32 * 36);
    ErrorCode code{};
    CHECK(contains(refusal(g, &code),
        "This file uses Q8_1, which Ponder cannot read yet; choose a Q4_K_M file"));
    CHECK(code == ErrorCode::UnsupportedQuantisation);
    g = goldenBytes("v3_q4_k");
    auto& norm = g.tensor("output_norm.weight");
    norm.type = 8;
    norm.data.resize(256 / 32 * 34);
    CHECK(contains(refusal(g, &code), "stored as Q8_0"));
}

TEST_CASE("parameters that are missing, of another type or absurd are refused by name")
{
    const GgufBytes whole = goldenBytes("v3_yarn");
    for (const std::string key :
        {"block_count", "embedding_length", "context_length", "attention.head_count",
            "attention.kv_lora_rank", "rope.dimension_count", "attention.key_length_mla",
            "attention.value_length_mla", "expert_count", "expert_used_count",
            "expert_feed_forward_length", "feed_forward_length", "attention.layer_norm_rms_epsilon",
            "rope.scaling.factor", "rope.scaling.original_context_length"}) {
        const std::string name = "deepseek2." + key;
        CAPTURE(name);
        GgufBytes g = whole;
        g.drop(name);
        if (key == "attention.key_length_mla")
            CHECK_FALSE(refusal(g).empty()); // then taken for an old file, whose shapes are others
        else if (key.starts_with("rope.scaling."))
            CHECK(refusal(g).empty()); // no stretch, and the model's own context
        else
            CHECK(contains(refusal(g), name + " is missing"));
        g = whole;
        g.putText(name, "seven");
        CHECK(contains(refusal(g), name + " is not a"));
        g = whole;
        g.put(name, 5, GgufBytes::raw<std::int32_t>(-1));
        CHECK(contains(refusal(g), name + " is -1"));
    }
    GgufBytes g = whole;
    g.putFloat("deepseek2.rope.freq_base", std::numeric_limits<float>::quiet_NaN());
    CHECK(contains(refusal(g), "rope.freq_base is nan"));
    g = whole;
    g.putUint("deepseek2.expert_gating_func", 3);
    CHECK(contains(refusal(g), "expert_gating_func is 3"));
    g = whole;
    g.putUint("deepseek2.expert_group_count", 3);
    CHECK(contains(refusal(g), "do not divide"));
    g = whole;
    g.putUint("deepseek2.expert_group_used_count", 1);
    CHECK(contains(refusal(g), "more experts than its groups hold"));
    g = whole;
    g.putText("deepseek2.rope.scaling.type", "longrope");
    CHECK(contains(refusal(g), "longrope"));
}

TEST_CASE("no number in place of a parameter leads to a crash or a wrong shape")
{
    replaceEveryNumber(goldenBytes("v3_unsplit"));
}

TEST_CASE("a prediction layer behind the others is left out")
{
    GgufBytes g = goldenBytes("v2_lite");
    g.putUint("deepseek2.block_count", 4);
    g.putUint("deepseek2.nextn_predict_layers", 1);
    g.tensors.push_back(
        {"blk.3.nextn.eh_proj.weight", {128, 64}, 0, std::string(128ULL * 64 * 4, '\0')});
    const auto model = openBytes(g.build());
    REQUIRE(model);
    CHECK((*model)->info().layers == 3);
    CHECK((*model)->network().predictions.empty()); // it is not whole
}

TEST_CASE("what is no model says what it is")
{
    struct Row {
        std::string key, value, said;
    };
    const Row rows[] = {
        {"general.type", "adapter", "an adapter (LoRA)"},
        {"adapter.type", "lora", "an adapter (LoRA)"},
        {"general.type", "mmproj", "a projector"},
        {"general.type", "projector", "a projector"},
        {"general.architecture", "clip", "a projector"},
        {"general.type", "imatrix", "an importance matrix"},
        {"general.architecture", "controlvector", "control vectors"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.said);
        GgufBytes g = goldenBytes("v2_lite");
        g.putText(row.key, row.value);
        const auto model = openBytes(g.build());
        REQUIRE_FALSE(model);
        CHECK(model.error().code == ErrorCode::UnsupportedFormat);
        CHECK(contains(model.error().message, row.said));
    }
    GgufBytes g = goldenBytes("v2_lite");
    g.tensors.push_back({"blk.0.attn_q.weight.lora_a", {2}, 0, std::string(8, '\0')});
    CHECK(contains(openBytes(g.build()).error().message, "an adapter (LoRA)"));
    g = goldenBytes("v2_lite");
    g.putText("general.type", "model");
    CHECK(openBytes(g.build()));
    g.putText("general.architecture", "foo\n\x1b[31mbar");
    CHECK(contains(openBytes(g.build()).error().message, "\"foo\uFFFD\uFFFD[31mbar\""));
}

TEST_CASE("layers, vocabulary and tensors agree with what the file says")
{
    const auto refused = [](const GgufBytes& g) {
        const auto model = openBytes(g.build());
        return model ? std::string() : model.error().message;
    };
    for (const std::string name :
        {"llama", "qwen2_yarn", "qwen3", "qwen3moe", "gpt_oss", "v2_lite"}) {
        CAPTURE(name);
        const GgufBytes whole = goldenBytes(name);
        const std::string architecture
            = std::string(loadGolden(name).model->info().architecture) + '.';
        const std::uint32_t layers = loadGolden(name).model->info().layers;
        REQUIRE(refused(whole).empty());
        GgufBytes g = whole;
        g.putUint(architecture + "block_count", layers - 1);
        CHECK(contains(refused(g), "has " + std::to_string(layers - 1) + " layers"));
        // Layers that predict a second token are legal behind the others.
        g = whole;
        const std::string extra = "blk." + std::to_string(layers) + ".nextn.eh_proj.weight";
        g.tensors.push_back({extra, {2}, 0, std::string(8, '\0')});
        CHECK(contains(refused(g), extra));
        g.putUint(architecture + "nextn_predict_layers", 1);
        if (name != "v2_lite") // which counts them among its layers
            CHECK(refused(g).empty());
        g = whole;
        g.putUint(architecture + "block_count", layers + 1);
        CHECK(contains(refused(g), " is missing"));

        g = whole;
        g.putUint(architecture + "vocab_size", 97);
        CHECK(contains(refused(g), "knows 97 tokens, and has weights for 96"));
        g.putUint(architecture + "vocab_size", 90); // rows without a token harm nobody
        CHECK(refused(g).empty());
        std::string tokens = GgufBytes::raw(8U) + GgufBytes::raw<std::uint64_t>(98);
        for (int i = 0; i < 98; ++i)
            tokens += GgufBytes::text(std::to_string(i));
        g.put("tokenizer.ggml.tokens", 9, tokens);
        CHECK(contains(refused(g), "knows 98 tokens"));
    }
    // A norm that Llama has not: other numbers would come out than the model's.
    GgufBytes g = goldenBytes("llama");
    g.tensors.push_back({"blk.0.attn_q_norm.weight", {8}, 0, std::string(32, '\0')});
    CHECK(contains(refused(g), "blk.0.attn_q_norm.weight, which no model of that kind has"));
    g = goldenBytes("v2_lite");
    g.putUint("deepseek2.expert_shared_count", 0);
    CHECK(contains(refused(g), "shexp"));
}

TEST_CASE("what is in a file and not used is known")
{
    GgufBytes g = goldenBytes("llama");
    g.putText("general.author", "nobody");
    g.putUint("llama.attention.clamp_kqv", 1);
    g.putText("mine", "x");
    g.putText("quantize.imatrix.file", "x");
    g.tensors.push_back({"blk.0.indexer.weight", {8}, 0, std::string(32, '\0')});
    g.tensors.push_back({"something", {8}, 0, std::string(32, '\0')});
    const auto model = openBytes(g.build());
    REQUIRE_MESSAGE(model, (model ? "" : model.error().message));
    const IgnoredParts ignored = ignoredParts((*model)->file(), (*model)->network());
    CHECK(ignored.keys == std::vector<std::string>{"llama.attention.clamp_kqv", "mine"});
    CHECK(ignored.tensors == std::vector<std::string>{"blk.0.indexer.weight", "something"});
    for (const std::string name : {"v2_lite", "v3_q4_k", "v3_unsplit", "llama", "llama_odd_tied",
             "llama_linear", "qwen2_yarn", "qwen3", "qwen3moe", "gpt_oss", "gpt_oss_mxfp4"}) {
        CAPTURE(name);
        const Golden golden = loadGolden(name);
        const IgnoredParts none = ignoredParts(golden.model->file(), golden.model->network());
        for (const std::string& key : none.keys)
            MESSAGE(key);
        for (const std::string& tensor : none.tensors)
            MESSAGE(tensor);
        CHECK(none.empty());
    }
}

TEST_CASE("vectors of a file of holes do not take all memory")
{
    // 256 layers with three vectors of 2^20 numbers each, 3 GiB, of which the disk has nothing.
    constexpr std::uint64_t kWide = 1U << 20U;
    constexpr unsigned kLayers = 256;
    GgufBytes g;
    g.putText("general.architecture", "llama");
    g.putUint("llama.block_count", kLayers);
    g.putUint("llama.embedding_length", kWide);
    g.putUint("llama.context_length", 64);
    g.putUint("llama.feed_forward_length", 1);
    g.putUint("llama.attention.head_count", 1);
    g.putUint("llama.attention.key_length", 2);
    g.putUint("llama.attention.value_length", 2);
    g.putFloat("llama.attention.layer_norm_rms_epsilon", 1e-5F);
    std::string head = g.head();
    std::uint64_t size = 0;
    std::uint64_t count = 0;
    const auto tensor
        = [&](const std::string& name, std::uint64_t columns, std::uint64_t rows = 1) {
              head += GgufBytes::text(name) + GgufBytes::raw(rows > 1 || columns == 1 ? 2U : 1U)
                  + GgufBytes::raw(columns)
                  + (rows > 1 || columns == 1 ? GgufBytes::raw(rows) : std::string())
                  + GgufBytes::raw(0U) + GgufBytes::raw(size);
              size += (4 * columns * rows + 31) / 32 * 32;
              ++count;
          };
    tensor("token_embd.weight", kWide, 2);
    tensor("output_norm.weight", kWide);
    for (unsigned i = 0; i < kLayers; ++i) {
        const std::string block = "blk." + std::to_string(i) + '.';
        for (const char* vector : {"attn_norm.weight", "ffn_norm.weight", "attn_output.bias"})
            tensor(block + vector, kWide);
        for (const char* matrix : {"attn_q.weight", "attn_k.weight", "attn_v.weight"})
            tensor(block + matrix, kWide, 2);
        tensor(block + "attn_output.weight", 2, kWide);
        tensor(block + "ffn_gate.weight", kWide);
        tensor(block + "ffn_up.weight", kWide);
        tensor(block + "ffn_down.weight", 1, kWide);
    }
    head.replace(8, 8, GgufBytes::raw(count));
    const auto path = std::filesystem::temp_directory_path() / "ponder-tst-holes.gguf";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << head;
    std::filesystem::resize_file(path, head.size() + size + 64);
    const auto model = Model::open(path);
    std::filesystem::remove(path);
    REQUIRE_FALSE(model);
    CHECK(contains(model.error().message, "more than 512 MiB of norms and biases"));
}
