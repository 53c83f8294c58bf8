#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/engine/small_vocabulary.h"

namespace ponder::test {

/// families.json: small vocabularies in the shapes in which the families publish theirs; see make_families.py.
struct Families {
    nlohmann::json all = readJson("tokenizers/families.json");
    std::vector<std::string> corpus = readJson("tokenizers/corpus.json");

    [[nodiscard]] static bool isByteLevel(const nlohmann::json& family)
    {
        return family.contains("pre");
    }
    [[nodiscard]] const nlohmann::json& vocabularyOf(const nlohmann::json& family) const
    {
        return all[isByteLevel(family) ? "byte_level" : "pieces"];
    }

    /// As a converter to GGUF writes it.
    [[nodiscard]] GgufBytes gguf(const nlohmann::json& family) const
    {
        const nlohmann::json& vocabulary = vocabularyOf(family);
        const bool bytes = isByteLevel(family);
        std::vector<std::string> tokens = vocabulary["tokens"];
        std::vector<std::int32_t> types(tokens.size(), 1);
        if (!bytes)
            for (std::size_t i = 0; i < 259; ++i)
                types[i] = i == 0 ? 2 : i < 3 ? 3 : 6; // <unk>, <s>, </s>, <0x00>…
        for (const auto& token : family["tokenizer"]["added_tokens"]) {
            if (token["id"].get<std::size_t>() < tokens.size())
                continue;
            tokens.push_back(token["content"]);
            types.push_back(token["special"] ? 3 : 4);
        }
        GgufBytes file;
        file.putText("tokenizer.ggml.model", bytes ? "gpt2" : "llama");
        file.put("tokenizer.ggml.tokens", 9, textArray(tokens));
        file.put("tokenizer.ggml.token_type", 9, intArray(types));
        if (bytes) {
            file.putText("tokenizer.ggml.pre", family["pre"]);
            file.put("tokenizer.ggml.merges", 9, textArray(vocabulary["merges"]));
        } else {
            file.put("tokenizer.ggml.scores", 9, floatArray(vocabulary["scores"]));
            file.putUint("tokenizer.ggml.unknown_token_id", 0);
            file.putUint("tokenizer.ggml.bos_token_id", 1);
            file.putUint("tokenizer.ggml.eos_token_id", 2);
        }
        return file;
    }

    /// As the publisher's folder has it.
    [[nodiscard]] std::string tokenizerJson(const nlohmann::json& family) const
    {
        const nlohmann::json& vocabulary = vocabularyOf(family);
        nlohmann::json file = family["tokenizer"];
        nlohmann::json ids = nlohmann::json::object();
        for (std::size_t i = 0; i < vocabulary["tokens"].size(); ++i)
            ids[vocabulary["tokens"][i].get<std::string>()] = i;
        file["model"]["vocab"] = ids;
        nlohmann::json merges = vocabulary["merges"];
        if (family["pairs"])
            for (auto& merge : merges) {
                const std::string text = merge;
                const std::size_t space = text.find(' ');
                merge = {text.substr(0, space), text.substr(space + 1)};
            }
        file["model"]["merges"] = merges;
        return file.dump();
    }

    /// The lines of the corpus that a tokenizer reads otherwise than Hugging Face's.
    [[nodiscard]] std::vector<std::string> wrongLines(
        const Tokenizer& tokenizer, const nlohmann::json& family) const
    {
        const std::string digests = family["digests"];
        std::vector<std::string> wrong;
        for (std::size_t i = 0; i < corpus.size(); ++i)
            if (digest(tokenizer.encode(corpus[i], ParseSpecial::Yes)) != digests.substr(i * 6, 6))
                wrong.push_back(corpus[i]);
        return wrong;
    }

    /// FNV-1a, six hexadecimal digits.
    [[nodiscard]] static std::string digest(const std::vector<std::int32_t>& ids)
    {
        std::uint32_t value = 0x811C9DC5;
        for (const std::int32_t id : ids)
            for (unsigned shift = 0; shift < 32; shift += 8)
                value = (value ^ (static_cast<std::uint32_t>(id) >> shift & 0xFF)) * 0x01000193u;
        std::string digits;
        for (int shift = 20; shift >= 0; shift -= 4)
            digits += "0123456789abcdef"[value >> shift & 15];
        return digits;
    }

private:
    static std::string floatArray(const std::vector<float>& numbers)
    {
        std::string bytes
            = GgufBytes::raw<std::uint32_t>(6) + GgufBytes::raw<std::uint64_t>(numbers.size());
        for (const float number : numbers)
            bytes += GgufBytes::raw(number);
        return bytes;
    }
};

} // namespace ponder::test
