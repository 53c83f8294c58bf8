// What a session promises, whatever the model: prefill and decode agree, and no call leaves it broken.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include <unistd.h>

#include "engine/file/lost_pages.h"
#include "tests/engine/contains.h"
#include "tests/engine/gguf_bytes.h"
#include "tests/engine/golden.h"

using namespace ponder;
using namespace ponder::test;

namespace {

using Tokens = std::vector<std::int32_t>;

std::vector<float> lastLogits(Session& session, std::span<const std::int32_t> tokens)
{
    const auto ok = session.prefill(tokens);
    REQUIRE_MESSAGE(ok, (ok ? "" : ok.error().message));
    const auto logits = session.logits();
    REQUIRE(logits);
    return {logits->begin(), logits->end()};
}

} // namespace

TEST_CASE("prefill in any batches, decode and any number of threads give the same bits")
{
    for (const std::string name :
        {"v3_yarn", "v3_unsplit", "v2_groups", "v3_q8_0", "v3_q4_k", "v3_q6_k", "llama_odd_tied",
            "qwen2_yarn", "qwen3", "qwen3moe", "gpt_oss", "gpt_oss_mxfp4"}) {
        CAPTURE(name);
        const Golden golden = loadGolden(name);
        const auto whole = makeSession(golden);
        const std::vector<float> expected = allLogits(*whole, golden.tokens);
        for (const std::uint32_t batch : {1U, 3U, 16U, 39U}) {
            CAPTURE(batch);
            const auto session = makeSession(golden, {.threads = batch % 2 + 1, .batch = batch});
            CHECK(allLogits(*session, golden.tokens) == expected);
        }
        // Prompt and generation as in a chat: a prefill, then one token after the other.
        const auto session = makeSession(golden);
        const std::span<const std::int32_t> tokens = golden.tokens;
        const std::size_t vocabulary = session->model().info().vocabularySize;
        for (std::size_t done = 20; done <= tokens.size(); ++done) {
            const auto next = done == 20 ? tokens.first(20) : tokens.subspan(done - 1, 1);
            const std::vector<float> got = lastLogits(*session, next);
            CHECK(std::equal(got.begin(), got.end(),
                expected.begin() + static_cast<std::ptrdiff_t>((done - 1) * vocabulary)));
        }
        CHECK(std::ranges::equal(session->tokens(), tokens));
    }
}

TEST_CASE("a session that was cut back goes on as a fresh one")
{
    for (const std::string name : {"v3_q4_k", "llama", "qwen3moe", "gpt_oss"}) {
        CAPTURE(name);
        const Golden golden = loadGolden(name);
        const std::span<const std::int32_t> tokens = golden.tokens;
        const auto session = makeSession(golden, {.batch = 8});
        lastLogits(*session, tokens);
        session->truncate(tokens.size() + 5); // no effect
        CHECK(session->tokens().size() == tokens.size());
        CHECK_FALSE(session->logits()->empty());
        for (const std::size_t cut : {std::size_t{30}, std::size_t{13}, std::size_t{0}}) {
            session->truncate(cut);
            CHECK(session->tokens().size() == cut);
            CHECK(session->logits()->empty());
            Tokens other(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(cut));
            other.insert(other.end(), {5, 4, 3});
            const auto fresh = makeSession(golden);
            CHECK(lastLogits(*session, std::span(other).subspan(cut)) == lastLogits(*fresh, other));
        }
    }
}

TEST_CASE("a saved cache spares a session the reading")
{
    for (const std::string name : {"v3_q4_k", "gpt_oss"}) {
        CAPTURE(name);
        const Golden golden = loadGolden(name);
        const std::span<const std::int32_t> tokens = golden.tokens;
        const auto session = makeSession(golden, {.contextLength = 64});
        const std::vector<float> expected = lastLogits(*session, tokens.first(30));
        const auto bytes = session->saveCache({0, 29});
        REQUIRE(bytes);
        CHECK(session->saveCache({0, 31}).error().code == ErrorCode::InvalidArgument);
        CHECK(session->saveCache({31, 0}).error().code == ErrorCode::InvalidArgument);

        const auto fresh = makeSession(golden, {.contextLength = 64});
        CHECK(
            fresh->loadCache(tokens.first(28), *bytes).error().code == ErrorCode::InvalidArgument);
        CHECK(fresh->tokens().empty());
        REQUIRE(fresh->loadCache(tokens.first(29), *bytes));
        CHECK(std::ranges::equal(fresh->tokens(), tokens.first(29)));
        CHECK(fresh->logits()->empty());
        CHECK(lastLogits(*fresh, tokens.subspan(29, 1)) == expected);
        fresh->truncate(0);
        Tokens foreign(29, 1000000);
        CHECK(fresh->loadCache(foreign, *bytes).error().code == ErrorCode::InvalidArgument);
        const auto small = makeSession(golden, {.contextLength = 16});
        CHECK(small->loadCache(tokens.first(29), *bytes).error().code == ErrorCode::ContextFull);
        CHECK(small->tokens().empty());

        // The end of one, after what another session reads itself.
        const auto tail = session->saveCache({20, 9});
        REQUIRE(tail);
        const auto other = makeSession(golden);
        REQUIRE(other->prefill(tokens.first(20)));
        REQUIRE(other->loadCache(tokens.subspan(20, 9), *tail));
        CHECK(lastLogits(*other, tokens.subspan(29, 1)) == expected);
    }
}

TEST_CASE("a full context is an error, and nothing is evaluated")
{
    const Golden golden = loadGolden("v2_lite");
    const auto session = makeSession(golden, {.contextLength = 16});
    REQUIRE(session->contextLength() == 16);
    const std::span<const std::int32_t> tokens = golden.tokens;
    const auto tooMany = session->prefill(tokens.first(17));
    REQUIRE_FALSE(tooMany);
    CHECK(tooMany.error().code == ErrorCode::ContextFull);
    CHECK(tooMany.error().message.find("16 tokens") != std::string::npos);
    CHECK(session->tokens().empty());
    const std::vector<float> full = lastLogits(*session, tokens.first(16));
    CHECK(session->prefill(tokens.first(1)).error().code == ErrorCode::ContextFull);
    CHECK(std::ranges::equal(*session->logits(), full));
    session->truncate(15);
    CHECK(lastLogits(*session, tokens.subspan(15, 1)) == full);
}

TEST_CASE("a context is never longer than the model's own")
{
    const Golden golden = loadGolden("v2_lite");
    CHECK(makeSession(golden)->contextLength() == 1280);
    CHECK(makeSession(golden, {.contextLength = 1U << 30U})->contextLength() == 1280);
}

TEST_CASE("tokens outside the vocabulary are refused, and nothing is evaluated")
{
    const Golden golden = loadGolden("v2_lite");
    const auto session = makeSession(golden);
    for (const std::int32_t token : {-1, 96, std::numeric_limits<std::int32_t>::max()}) {
        const auto refused = session->prefill(Tokens{1, token});
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::InvalidArgument);
        CHECK(session->tokens().empty());
    }
    CHECK(session->prefill({}));
    CHECK(session->logits()->empty());
}

TEST_CASE("a stop keeps whole batches, and the session goes on from them")
{
    const Golden golden = loadGolden("v3_yarn");
    const std::span<const std::int32_t> tokens = golden.tokens;
    const auto session = makeSession(golden, {.batch = 8});
    std::stop_source stop;
    std::vector<std::size_t> seen;
    const auto stopped
        = session->prefill(tokens, stop.get_token(), [&](std::size_t done, std::size_t total) {
              CHECK(total == tokens.size());
              seen.push_back(done);
              if (done == 16)
                  stop.request_stop();
          });
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == ErrorCode::Cancelled);
    CHECK(seen == std::vector<std::size_t>{8, 16});
    CHECK(std::ranges::equal(session->tokens(), tokens.first(16)));
    CHECK(session->logits()->empty());
    CHECK_FALSE(session->prefill(tokens.subspan(16), stop.get_token()));
    CHECK(session->tokens().size() == 16);
    const auto fresh = makeSession(golden);
    CHECK(lastLogits(*session, tokens.subspan(16)) == lastLogits(*fresh, tokens));
}

TEST_CASE("routing is recorded only where asked for")
{
    const Golden golden = loadGolden("v3_yarn");
    const auto quiet = makeSession(golden);
    lastLogits(*quiet, golden.tokens);
    CHECK(quiet->routing().empty());
    const auto session = makeSession(golden, {.recordRouting = true});
    CHECK(session->routing().empty());
    lastLogits(*session, golden.tokens);
    REQUIRE(session->routing().size() == 2);
    CHECK(session->routing()[0].layer == 1);
    CHECK(session->routing()[0].experts.size() == 3);
    float sum = 0;
    for (const float w : session->routing()[1].weights)
        sum += w;
    CHECK(sum == doctest::Approx(2.5)); // normalised, times the scale
    session->truncate(1);
    CHECK(session->routing().empty());
}

TEST_CASE("what a token reads grows with the context")
{
    const Golden golden = loadGolden("v3_q4_k");
    const auto session = makeSession(golden);
    const std::uint64_t first = session->decodeBytesPerToken();
    CHECK(first == golden.model->network().activeWeightBytes() + 2 * (256 + 8) * 4);
    lastLogits(*session, golden.tokens);
    CHECK(session->decodeBytesPerToken() == first + golden.tokens.size() * 2 * (256 + 8) * 4);
}

TEST_CASE("layers with a window read no more than it")
{
    const Golden golden = loadGolden("gpt_oss"); // a window of 7, every other layer
    const auto session = makeSession(golden);
    const std::uint64_t row = 2 * (16 + 16) * 4;
    CHECK(golden.model->network().cacheBytesPerToken() == 2 * row);
    const std::uint64_t weights = golden.model->network().activeWeightBytes();
    CHECK(session->decodeBytesPerToken() == weights + 2 * row);
    lastLogits(*session, golden.tokens);
    CHECK(session->decodeBytesPerToken() == weights + (7 + golden.tokens.size() + 1) * row);
}

TEST_CASE("a session of no model is refused; of no batch the plan chooses one")
{
    CHECK(Session::create(nullptr).error().code == ErrorCode::InvalidArgument);
    const Golden golden = loadGolden("v2_lite");
    CHECK(makeSession(golden, {.contextLength = 512})->plan().batch == 256);
    CHECK(makeSession(golden, {.contextLength = 512, .batch = 7})->plan().batch == 7);
}

TEST_CASE("a model file cut short while it is open is an error, not a crash")
{
    const auto source = std::filesystem::path(PONDER_TEST_DATA) / "golden" / "v2_lite.gguf";
    const auto path = std::filesystem::temp_directory_path() / "ponder-tst-session.gguf";
    std::filesystem::copy_file(source, path, std::filesystem::copy_options::overwrite_existing);
    auto model = Model::open(path);
    REQUIRE(model);
    auto session = Session::create(*model);
    REQUIRE(session);
    std::filesystem::resize_file(path, 4096);
    const auto cut = (*session)->prefill(Tokens{1, 2, 3});
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == ErrorCode::FileTruncated);
    std::filesystem::remove(path);
}

namespace {

/// A model's file of this test's own, and a session of it.
struct OwnFile {
    explicit OwnFile(const std::string& name)
        : path(std::filesystem::temp_directory_path()
              / ("ponder-tst-session-" + std::to_string(::getpid()) + name))
    {
        const auto source = std::filesystem::path(PONDER_TEST_DATA) / "golden" / "v3_yarn.gguf";
        std::filesystem::copy_file(source, path, std::filesystem::copy_options::overwrite_existing);
        auto model = Model::open(path);
        REQUIRE(model);
        auto made = Session::create(*model);
        REQUIRE(made);
        session = std::move(*made);
    }
    ~OwnFile() { std::filesystem::remove(path); }

    std::filesystem::path path;
    std::unique_ptr<Session> session;
};

} // namespace

TEST_CASE("a file cut short while it is computed with ends in a sentence, for good")
{
    surviveLostPages();
    for (int attempt = 0; attempt < 20; ++attempt) {
        OwnFile file("cut.gguf");
        REQUIRE(file.session->prefill(Tokens{1, 2, 3}));
        std::jthread cutter([&] {
            std::this_thread::sleep_for(std::chrono::microseconds(300 * attempt));
            std::filesystem::resize_file(file.path, 4096U * static_cast<unsigned>(attempt));
        });
        Result<void> done;
        for (int i = 0; done && i < 400; ++i) {
            file.session->truncate(3);
            done = file.session->prefill(Tokens{i % 50});
            CHECK(file.session->logits()->empty() == !done);
        }
        cutter.join();
        if (done)
            done = file.session->prefill(Tokens{1});
        REQUIRE_FALSE(done);
        CHECK(done.error().code == ErrorCode::FileTruncated);
        CHECK(contains(done.error().message, "cut.gguf became shorter while it was in use"));
        // Copied again under its feet: what was computed is still nonsense.
        std::filesystem::resize_file(file.path, 560224);
        const auto again = file.session->prefill(Tokens{1});
        REQUIRE_FALSE(again);
        CHECK(contains(again.error().message, "cut.gguf"));
        const auto handed = file.session->evaluate(
            Tokens{1, 2}, [](std::size_t, std::size_t, std::span<const float>) {
                FAIL("logits of a file that is gone");
            });
        CHECK_FALSE(handed);
    }
}

TEST_CASE(
    "a file that is only touched or replaced by name goes on; one that is overwritten does not")
{
    using namespace std::chrono_literals;
    OwnFile file("written.gguf");
    REQUIRE(file.session->prefill(Tokens{1, 2, 3}));
    std::filesystem::last_write_time(file.path, std::filesystem::last_write_time(file.path) + 1h);
    CHECK(file.session->prefill(Tokens{4}));
    { // growth
        std::ofstream out(file.path, std::ios::binary | std::ios::app);
        out << "more";
    }
    CHECK(file.session->prefill(Tokens{4}));

    const std::filesystem::path other = file.path.string() + ".new";
    std::ofstream(other) << "something else";
    std::filesystem::rename(other, file.path);
    CHECK(file.session->prefill(Tokens{5}));

    OwnFile overwritten("overwritten.gguf");
    const auto size = std::filesystem::file_size(overwritten.path);
    REQUIRE(overwritten.session->prefill(Tokens{1}));
    std::this_thread::sleep_for(20ms); // the clock of files ticks in steps
    {
        std::fstream out(overwritten.path, std::ios::binary | std::ios::in | std::ios::out);
        out << std::string(size, '\x01');
    }
    const auto spoilt = overwritten.session->prefill(Tokens{1});
    REQUIRE_FALSE(spoilt);
    CHECK(contains(spoilt.error().message, "was changed while it was in use"));
    CHECK_FALSE(overwritten.session->prefill(Tokens{1}));
}

TEST_CASE("damaged weights are an error, not a random answer")
{
    const auto file
        = GgufFile::open(std::filesystem::path(PONDER_TEST_DATA) / "golden" / "v3_yarn.gguf");
    REQUIRE(file);
    GgufBytes g(*file);
    std::ranges::fill(g.tensor("blk.1.attn_output.weight").data, '\xff'); // NaN
    const auto path = std::filesystem::temp_directory_path() / "ponder-tst-damaged.gguf";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << g.build();
    auto model = Model::open(path);
    REQUIRE(model);
    auto session = Session::create(*model);
    REQUIRE(session);
    const auto damaged = (*session)->prefill(Tokens{1, 2, 3});
    REQUIRE_FALSE(damaged);
    CHECK(damaged.error().code == ErrorCode::FileCorrupt);
    CHECK((*session)->logits()->empty());
    std::filesystem::remove(path);
}
