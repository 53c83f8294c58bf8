#pragma once

#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include "engine/model/family.h"
#include "tests/engine/gguf_bytes.h"

namespace ponder::test {

/// What the file's family says against it; empty where it reads a network from it.
inline std::string refusal(const GgufBytes& g, ErrorCode* code = nullptr)
{
    const std::string bytes = g.build();
    const auto file = ModelFile::fromBytes(bytesOf(bytes));
    REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
    const std::string_view architecture = *file->getString("general.architecture");
    for (const Family& family : builtinFamilies()) {
        if (family.architecture != architecture)
            continue;
        const auto network = family.read(*file);
        if (network)
            return {};
        if (code != nullptr)
            *code = network.error().code;
        CHECK_FALSE(network.error().message.empty());
        return network.error().message;
    }
    FAIL("no such family");
    return {};
}

/// Puts small, large and odd numbers in the place of every 32-bit parameter, one after the other. Each
/// file must be read or refused; what a sanitizer finds on the way is what this is for.
inline void replaceEveryNumber(const GgufBytes& whole)
{
    for (const auto& entry : whole.entries) {
        if (entry.type != 4)
            continue;
        for (const std::uint32_t value :
            {0U, 1U, 2U, 3U, 7U, 255U, 65536U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
            GgufBytes g = whole;
            g.putUint(entry.key, value);
            static_cast<void>(refusal(g));
        }
    }
}

} // namespace ponder::test
