#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "engine/generate/session.h"
#include "tests/engine/gguf_bytes.h"

namespace ponder::test {

/// A model of tests/data/golden with what is known of it (see make_golden.py there).
struct Golden {
    std::shared_ptr<const Model> model;
    std::vector<std::int32_t> tokens;
    std::vector<float> logits; // [tokens, vocabularySize]
    nlohmann::json facts;
};

inline Golden loadGolden(const std::string& name)
{
    const std::filesystem::path base = std::filesystem::path(PONDER_TEST_DATA) / "golden" / name;
    Golden golden;
    auto model = Model::open(base.string() + ".gguf");
    REQUIRE_MESSAGE(model, (model ? "" : model.error().message));
    golden.model = *model;
    golden.facts = nlohmann::json::parse(std::ifstream(base.string() + ".json"));
    golden.tokens = golden.facts["tokens"].get<std::vector<std::int32_t>>();
    golden.logits.resize(golden.tokens.size() * golden.model->info().vocabularySize);
    std::ifstream in(base.string() + ".f32", std::ios::binary);
    in.read(reinterpret_cast<char*>(golden.logits.data()),
        static_cast<std::streamsize>(golden.logits.size() * sizeof(float)));
    REQUIRE(in.gcount() == static_cast<std::streamsize>(golden.logits.size() * sizeof(float)));
    return golden;
}

/// The file of such a model, to be changed.
inline GgufBytes goldenBytes(const std::string& name)
{
    const auto file
        = GgufFile::open(std::filesystem::path(PONDER_TEST_DATA) / "golden" / (name + ".gguf"));
    REQUIRE(file);
    return GgufBytes(*file);
}

inline std::unique_ptr<Session> makeSession(
    const Golden& golden, const SessionOptions& options = {})
{
    auto session = Session::create(golden.model, options);
    REQUIRE_MESSAGE(session, (session ? "" : session.error().message));
    return std::move(*session);
}

/// Logits of every token. [tokens, vocabularySize]
inline std::vector<float> allLogits(Session& session, std::span<const std::int32_t> tokens)
{
    std::vector<float> all;
    const auto ok
        = session.evaluate(tokens, [&all](std::size_t, std::size_t, std::span<const float> rows) {
              all.insert(all.end(), rows.begin(), rows.end());
          });
    REQUIRE_MESSAGE(ok, (ok ? "" : ok.error().message));
    return all;
}

/// |a - b| / |b|
inline double distance(std::span<const float> a, std::span<const float> b)
{
    REQUIRE(a.size() == b.size());
    double difference = 0;
    double size = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        difference += d * d;
        size += static_cast<double>(b[i]) * static_cast<double>(b[i]);
    }
    return std::sqrt(difference / size);
}

} // namespace ponder::test
