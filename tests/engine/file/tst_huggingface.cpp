// Hugging Face folders: the logits of the weights that they hold, and folders that are not whole.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "engine/file/folder_texts.h"
#include "engine/model/agreement.h"
#include "tests/engine/contains.h"
#include "tests/engine/golden.h"

using namespace ponder;
using namespace ponder::test;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const fs::path kFolders = fs::path(PONDER_TEST_DATA) / "huggingface";

Json readJson(const fs::path& path)
{
    return Json::parse(std::ifstream(path));
}

std::string readBytes(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A copy of a folder to spoil, gone after the test.
class Copy {
public:
    explicit Copy(const std::string& name)
        : m_path(fs::temp_directory_path() / "ponder-tst-huggingface")
    {
        fs::remove_all(m_path);
        fs::copy(kFolders / name, m_path, fs::copy_options::recursive);
    }
    ~Copy() { fs::remove_all(m_path); }
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;

    [[nodiscard]] const fs::path& path() const { return m_path; }

    void write(const std::string& file, const std::string& bytes) const
    {
        std::ofstream(m_path / file, std::ios::binary | std::ios::trunc) << bytes;
    }
    void change(const std::string& file, const std::function<void(Json&)>& edit) const
    {
        Json json = readJson(m_path / file);
        edit(json);
        write(file, json.dump());
    }
    /// The sentence with which it is refused.
    [[nodiscard]] std::string refusal(ErrorCode code) const
    {
        const auto file = ModelFile::open(m_path);
        REQUIRE_FALSE(file);
        CHECK(file.error().code == code);
        return file.error().message;
    }
    void setConfig(const std::string& key, const Json& value) const
    {
        change("config.json", [&](Json& config) { config[key] = value; });
    }

private:
    fs::path m_path;
};

} // namespace

TEST_CASE("a folder gives Hugging Face's logits of the weights that it holds")
{
    // Together: BF16, F16, F32, FP8 with F32 scales and with ue8m0; scales in another shard; one file
    // and shards; groups by best and by two best; YaRN, Llama 3's stretching, none; tied and own head.
    for (const std::string name : {"v3_fp8", "v3_ue8m0", "v2_bf16", "llama_bf16", "qwen2_f16",
             "qwen3_f32", "qwen3moe_bf16"}) {
        CAPTURE(name);
        Golden golden;
        const auto file = ModelFile::open(kFolders / name);
        REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
        const auto architecture = file->getString("general.architecture");
        if (std::ranges::find(builtinFamilies(), architecture, &Family::architecture)
            == builtinFamilies().end()) {
            MESSAGE("not computed: there is no family " << std::string(*architecture) << " yet");
            continue;
        }
        auto model = Model::open(kFolders / name);
        REQUIRE_MESSAGE(model, (model ? "" : model.error().message));
        golden.model = *model;
        const auto tokens
            = readJson(kFolders / (name + ".json"))["tokens"].get<std::vector<std::int32_t>>();
        const std::string bytes = readBytes(kFolders / (name + ".f32"));
        std::vector<float> logits(bytes.size() / sizeof(float));
        std::memcpy(logits.data(), bytes.data(), bytes.size());
        const auto session = makeSession(golden);
        const double far = distance(allLogits(*session, tokens), logits);
        MESSAGE(name << ": " << far);
        CHECK(far < 1e-4);
    }
}

TEST_CASE("a folder opens by itself and by the files in it")
{
    for (const std::string file :
        {"", "config.json", "model-00002-of-00002.safetensors", "model.safetensors.index.json"}) {
        CAPTURE(file);
        const auto opened = ModelFile::open(kFolders / "v3_fp8" / file);
        REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
        CHECK(opened->kind() == ModelFile::Kind::Folder);
        CHECK(opened->format() == "Hugging Face folder, 2 files");
        CHECK(opened->getString("general.name") == "v3_fp8");
        CHECK(opened->getString("general.architecture") == "deepseek2");
        CHECK_FALSE(opened->change());
        REQUIRE(opened->folder() != nullptr);
        CHECK(opened->folder()->config.is_object());
        const ModelTensor* experts = opened->tensor("blk.1.ffn_up_exps.weight");
        REQUIRE(experts != nullptr);
        CHECK(experts->dimensions == std::array<std::uint64_t, 4>{136, 40, 4, 1});
        CHECK(experts->places.size() == 4);
        CHECK(experts->type == TensorType::F8_E4M3);
        CHECK(experts->places[3].scales != nullptr);
    }
}

TEST_CASE("the layer that predicts a second token is read and kept, and not run")
{
    const auto model = Model::open(kFolders / "v3_fp8");
    REQUIRE(model);
    CHECK((*model)->network().layers.size() == 2);
    CHECK((*model)->file().getUint("deepseek2.nextn_predict_layers") == 1);
    CHECK((*model)->file().getUint("deepseek2.block_count") == 3);
    CHECK((*model)->file().tensor("blk.2.nextn.eh_proj.weight") != nullptr);
    REQUIRE((*model)->network().predictions.size() == 1);
    const PredictionLayer& prediction = (*model)->network().predictions[0];
    CHECK(prediction.ehProj.columns == 272);
    CHECK(prediction.ehProj.rows == 136);
    CHECK(prediction.embedding.rows == 96);
    CHECK(prediction.output);
    CHECK(std::get<MoeFeedForward>(prediction.layer.feedForward).gate.places.size() == 4);
}

TEST_CASE("texts beside the weights are found")
{
    const Copy copy("qwen3_f32");
    copy.write("generation_config.json", R"({"temperature": 0.6, "top_p": 0.95, "top_k": 20})");
    copy.write("tokenizer.json", R"({"version": "1.0"})");
    copy.write("tokenizer_config.json",
        R"({"chat_template": [{"name": "tool_use", "template": "a"}, {"name": "default", "template": "b"}]})");
    auto file = ModelFile::open(copy.path());
    REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
    CHECK(file->getFloat("general.sampling.temp") == 0.6);
    CHECK(file->getFloat("general.sampling.top_p") == 0.95);
    CHECK(file->getFloat("general.sampling.top_k") == 20);
    CHECK(file->folder()->tokenizer["version"] == "1.0");
    CHECK(file->getString("tokenizer.chat_template") == "b");
    copy.write("chat_template.jinja", "{{ bos_token }}");
    file = ModelFile::open(copy.path());
    REQUIRE(file);
    CHECK(file->getString("tokenizer.chat_template") == "{{ bos_token }}");
}

TEST_CASE(
    "a folder's template is found wherever it is, and none that is blank or broken shuts the model")
{
    const Copy copy("qwen3_f32");
    const auto found = [&copy] {
        auto file = ModelFile::open(copy.path());
        REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
        return std::string(file->getString("tokenizer.chat_template").value_or("none"));
    };
    copy.write("tokenizer.json", R"({"version": "1.0"})");
    copy.write("tokenizer_config.json", "{}");
    CHECK(found() == "none");
    copy.write("tokenizer_config.json",
        R"({"chat_template": [{"name": "rag", "template": "a"}, {"name": "thinking", "template": "b"}]})");
    CHECK(found() == "b");
    copy.write(
        "tokenizer_config.json", R"({"chat_template": [{"name": "rag", "template": "a"}, 7]})");
    CHECK(found() == "a");
    copy.write("chat_template.json", R"({"chat_template": "from json"})");
    CHECK(found() == "from json");
    for (const char* blank : {"", "  \n"}) {
        copy.write("chat_template.jinja", blank);
        CHECK(found() == "from json");
    }
    copy.write("chat_template.json", "{ broken");
    CHECK(found() == "a");
    copy.write("chat_template.jinja", "from jinja");
    CHECK(found() == "from jinja");
}

TEST_CASE("what a folder lacks is named")
{
    const Copy copy("v3_fp8");
    fs::rename(copy.path() / "model-00002-of-00002.safetensors", copy.path() / "other");
    CHECK(
        contains(copy.refusal(ErrorCode::FileNotFound), "lacks model-00002-of-00002.safetensors"));
    fs::rename(copy.path() / "other", copy.path() / "model-00002-of-00002.safetensors");
    fs::remove(copy.path() / "model.safetensors.index.json");
    CHECK(contains(copy.refusal(ErrorCode::FileNotFound), "lacks model.safetensors"));
    fs::remove(copy.path() / "config.json");
    CHECK(contains(copy.refusal(ErrorCode::FileNotFound), "lacks config.json"));
}

TEST_CASE("quantisations and architectures that Ponder does not know are refused by name")
{
    const Copy copy("qwen3_f32");
    for (const std::string method : {"gptq", "awq", "bitsandbytes", "compressed-tensors"}) {
        copy.setConfig("quantization_config", {{"quant_method", method}, {"bits", 4}});
        CHECK(contains(copy.refusal(ErrorCode::UnsupportedQuantisation), method));
    }
    copy.setConfig(
        "quantization_config", {{"quant_method", "fp8"}, {"weight_block_size", {64, 64}}});
    CHECK(contains(copy.refusal(ErrorCode::UnsupportedQuantisation), "128 x 128"));
    copy.setConfig("quantization_config", nullptr);
    copy.setConfig("rope_scaling", {{"rope_type", "longrope"}});
    CHECK(contains(copy.refusal(ErrorCode::UnsupportedFormat), "longrope"));
    copy.setConfig("rope_scaling", nullptr);
    copy.setConfig("hidden_act", "gelu");
    CHECK(contains(copy.refusal(ErrorCode::UnsupportedFormat), "gelu"));
    copy.setConfig("architectures", {"GemmaForCausalLM"});
    CHECK(contains(copy.refusal(ErrorCode::UnsupportedArchitecture), "GemmaForCausalLM"));
}

TEST_CASE("YaRN without a trained length stretches the length that the model has")
{
    const Copy copy("qwen3_f32");
    copy.setConfig("rope_scaling", {{"rope_type", "yarn"}, {"factor", 4.0}});
    const auto file = ModelFile::open(copy.path());
    REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
    CHECK(file->getUint("qwen3.rope.scaling.original_context_length") == 1280);
    copy.setConfig("rope_scaling",
        {{"rope_type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 0}});
    CHECK(contains(copy.refusal(ErrorCode::FileCorrupt), "YaRN"));
}

TEST_CASE("damaged texts are refused in milliseconds")
{
    const Copy copy("qwen3_f32");
    const std::string config = readBytes(copy.path() / "config.json");
    copy.write("config.json", config.substr(0, 80));
    CHECK(contains(copy.refusal(ErrorCode::FileCorrupt), "config.json is no JSON"));
    copy.write("config.json", std::string(100'000, '['));
    CHECK(contains(copy.refusal(ErrorCode::FileCorrupt), "nested more than 64"));
    copy.write("config.json", R"({"a": 1, "a": 2})");
    CHECK(contains(copy.refusal(ErrorCode::FileCorrupt), "the key \"a\" twice"));
    copy.write("config.json", "[]");
    CHECK(contains(copy.refusal(ErrorCode::FileCorrupt), "holds no object"));
    copy.write("config.json", "{}");
    CHECK(contains(copy.refusal(ErrorCode::FileCorrupt), "which architecture"));
    copy.write("config.json", config);
    copy.setConfig("num_hidden_layers", "two");
    CHECK(contains(
        copy.refusal(ErrorCode::FileCorrupt), "num_hidden_layers, which is not a whole number"));
    copy.write("config.json", config);
    std::string bomb = "{\"model\": [0";
    for (int i = 0; i < 2'100'000; ++i)
        bomb += ",0";
    copy.write("tokenizer.json", bomb + "]}");
    CHECK(contains(copy.refusal(ErrorCode::FileCorrupt), "more than 2000000 values"));
}

TEST_CASE("an index that leaves the folder, and shards that contradict each other, are refused")
{
    const Copy copy("v3_fp8");
    const std::string index = "model.safetensors.index.json";
    for (const std::string name : {"../secret", "/etc/passwd", "..", ""}) {
        copy.change(index, [&](Json& json) { json["weight_map"]["lm_head.weight"] = name; });
        CHECK(contains(copy.refusal(ErrorCode::FileCorrupt), "cannot be in this folder"));
    }
    copy.write(index, "{}");
    CHECK(contains(copy.refusal(ErrorCode::FileCorrupt), "which file holds which tensor"));
    copy.write(index, readBytes(kFolders / "v3_fp8" / index));
    fs::copy_file(copy.path() / "model-00001-of-00002.safetensors",
        copy.path() / "model-00002-of-00002.safetensors", fs::copy_options::overwrite_existing);
    CHECK(contains(copy.refusal(ErrorCode::FileCorrupt), "occurs in two of its files"));
}

TEST_CASE("gpt-oss's own folder gives the logits of its GGUF")
{
    const Golden golden = loadGolden("gpt_oss_mxfp4");
    const auto expected = allLogits(*makeSession(golden), golden.tokens);
    for (const unsigned batch : {1U, 40U}) {
        Golden folder = golden;
        auto model = Model::open(kFolders / "gpt_oss_mxfp4");
        REQUIRE_MESSAGE(model, (model ? "" : model.error().message));
        folder.model = *model;
        CHECK_FALSE((*model)->file().isPrepared()); // nothing was computed yet
        const auto session = makeSession(folder, {.batch = batch});
        CHECK((*model)->file().isPrepared());
        const auto logits = allLogits(*session, golden.tokens);
        CHECK(logits == expected);
        CHECK(distance(logits, golden.logits) < 1e-3); // Hugging Face's
        CHECK((*model)->network().weightBytes() == golden.model->network().weightBytes());
        CHECK((*model)->network().reorderedBytes > 0);
        CHECK(ignoredParts((*model)->file(), (*model)->network()).empty());
    }
}

TEST_CASE("weights in another order are put into it while a model is warmed, which can be stopped")
{
    std::uint64_t last = 0;
    std::uint64_t all = 0;
    ModelOpenOptions options;
    options.warm = true;
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
        CHECK(done >= last);
        last = done;
        all = total;
    };
    const auto model = Model::open(kFolders / "gpt_oss_mxfp4", options);
    REQUIRE(model);
    CHECK((*model)->file().isPrepared());
    CHECK(last == all);
    CHECK(all > (*model)->network().reorderedBytes);
    CHECK((*model)->info().fingerprint
        == (*Model::open(kFolders / "gpt_oss_mxfp4"))->info().fingerprint);
    std::stop_source stop;
    stop.request_stop();
    options.stop = stop.get_token();
    const auto stopped = Model::open(kFolders / "gpt_oss_mxfp4", options);
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == ErrorCode::Cancelled);
}

TEST_CASE("a gpt-oss folder that is not as it is published is refused")
{
    const Copy copy("gpt_oss_mxfp4");
    const auto refusedWith
        = [&](const std::string& key, const Json& value, const std::string& said) {
              copy.setConfig(key, value);
              CHECK(contains(copy.refusal(ErrorCode::UnsupportedFormat), said));
              copy.write("config.json", readBytes(kFolders / "gpt_oss_mxfp4" / "config.json"));
          };
    refusedWith("swiglu_limit", 5.0, "swiglu_limit");
    refusedWith("layer_types", {"full_attention", "sliding_attention"}, "layer_types");
    Json rope = readJson(kFolders / "gpt_oss_mxfp4" / "config.json")["rope_scaling"];
    rope["truncate"] = true;
    refusedWith("rope_scaling", rope, "truncate");

    const std::string whole = readBytes(kFolders / "gpt_oss_mxfp4" / "model.safetensors");
    const auto renamed = [&](std::string from, const std::string& to) {
        std::string bytes = whole;
        const auto at = bytes.find(from);
        REQUIRE(at != std::string::npos);
        REQUIRE(from.size() == to.size());
        copy.write("model.safetensors", bytes.replace(at, from.size(), to));
    };
    renamed("mlp.experts.down_proj_scales", "mlp.experts.down_proj_scalex");
    CHECK(contains(copy.refusal(ErrorCode::UnsupportedFormat), "down_proj_scalex"));
    renamed("layers.1.mlp.experts.down_proj_scales", "layers.7.mlp.experts.down_proj_scales");
    CHECK(contains(copy.refusal(ErrorCode::FileCorrupt), "has no scales"));
    renamed("[5, 64, 3, 16]", "[5, 64, 6, 8] ");
    CHECK(contains(copy.refusal(ErrorCode::FileCorrupt), "is not MXFP4"));
}

TEST_CASE("what Python writes and JSON has not is read as nothing")
{
    const Copy copy("llama_bf16");
    copy.write("generation_config.json",
        R"({"temperature": 0.5, "top_p": NaN, "min_p": -Infinity, "note": "NaN \" Infinity", "top_k": 7})");
    auto file = ModelFile::open(copy.path());
    REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
    CHECK(file->getFloat("general.sampling.temp") == doctest::Approx(0.5));
    CHECK(file->getFloat("general.sampling.top_k") == 7);
    CHECK(file->entry("general.sampling.top_p") == nullptr);
    CHECK(file->entry("general.sampling.min_p") == nullptr);
    CHECK(file->folder()->generationConfig["note"] == "NaN \" Infinity");

    // Recommended sampling is nothing that a model cannot run without.
    for (const char* broken : {"{", "", "[1,", "NaN NaN", "{\"a\": 1, \"a\": 2}"}) {
        CAPTURE(broken);
        copy.write("generation_config.json", broken);
        CHECK(ModelFile::open(copy.path()));
    }
    std::string config = readBytes(kFolders / "llama_bf16" / "config.json");
    config.insert(
        config.find('{') + 1, "\"attention_dropout\": NaN, \"initializer_range\": Infinity,");
    copy.write("config.json", config);
    CHECK(ModelFile::open(copy.path()));
    copy.write("config.json", config + ",");
    const std::string said = copy.refusal(ErrorCode::FileCorrupt);
    CHECK(contains(said, "is no JSON"));
    CHECK(contains(said, "Correct it there, or download the file again."));
    copy.write("config.json", readBytes(kFolders / "llama_bf16" / "config.json"));
    copy.setConfig("num_hidden_layers", 2.0); // as some programs write whole numbers
    CHECK(Model::open(copy.path()));
    copy.setConfig("num_hidden_layers", 2.5);
    CHECK(contains(copy.refusal(ErrorCode::FileCorrupt), "num_hidden_layers"));
}

TEST_CASE("an empty chat_template.jinja is none")
{
    const Copy copy("llama_bf16");
    copy.write("chat_template.jinja", "");
    copy.write("tokenizer_config.json", R"({"chat_template": "{{ messages }}"})");
    const auto file = ModelFile::open(copy.path());
    REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
    CHECK(file->getString("tokenizer.chat_template") == "{{ messages }}");
}
