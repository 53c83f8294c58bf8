#include "engine/text/nfc.h"

#include <doctest/doctest.h>

#include <ctime>
#include <string>

#include "engine/base/utf8.h"

using namespace ponder;

TEST_CASE("text in composed form stays as it is")
{
    for (const std::string text : {"", "a", "Grüße", "Жёлтый", "世界", "한국어", "🙂", "हिन्दी",
             "x\u0327", "\u0301", "क\u094d"}) {
        CAPTURE(text);
        CHECK(composed(text) == text);
    }
    CHECK_FALSE(mayCompose("Grüße, 世界 한국어 🙂"));
}

TEST_CASE("marks go into order and compose")
{
    CHECK(composed("e\u0301") == "é");
    CHECK(composed("xe\u0301y") == "xéy");
    CHECK(composed("a\u0323\u0302") == "ậ");
    CHECK(composed("a\u0302\u0323") == "ậ"); // in order first
    CHECK(composed("q\u0307\u0323") == "q\u0323\u0307");
    CHECK(composed("e\u0301\u0301") == "é\u0301"); // the second is blocked
    CHECK(composed("\u1e9b\u0323") == "\u1e9b\u0323");
    CHECK(composed("\u212B\u2126") == "\u00C5\u03A9"); // Ångström, Ohm
    CHECK(composed("\u0958") == "\u0915\u093C"); // is never composed
    CHECK(composed("\u0344") == "\u0308\u0301");
    CHECK(composed("\u09C7\u09BE") == "\u09CB"); // a second half that is no combining mark
    CHECK(composed("\u1112\u1161\u11AB") == "한");
    CHECK(composed("\uAC00\u11A8") == "각");
    CHECK(composed("\uAC01\u11A8") == "\uAC01\u11A8");
}

TEST_CASE("bytes that are no UTF-8 stay, and nothing composes across them")
{
    CHECK(composed("e\xFF\u0301") == "e\xFF\u0301");
    CHECK(composed("e\u0301\xCC") == "é\xCC");
    CHECK(composed("\xCC\x81\x81") == "\xCC\x81\x81");
}

TEST_CASE("a megabyte of marks costs no square")
{
    std::string marks = "a";
    for (int i = 0; i < 260000; ++i)
        marks += i % 2 ? "\u0301" : "\u0323";
    const std::clock_t start = std::clock();
    const std::string text = composed(marks);
    CHECK(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC < 5);
    CHECK(text.starts_with("ạ\u0323\u0323"));
    CHECK(utf8Repaired(text) == text);
}
