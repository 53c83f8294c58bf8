// Loading the GPU module, and what a session makes of GPUs that fail, with a module whose GPUs are the
// processor.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/generate/chat_session.h"
#include "tests/engine/golden.h"

using namespace ponder;
using namespace ponder::test;

namespace {

namespace fs = std::filesystem;

fs::path module(const char* name)
{
    return fs::path(PONDER_BINARY_DIR) / "tests" / name;
}

/// What the fake GPUs do, until the end of a test.
class FakeGpus {
public:
    explicit FakeGpus(const char* words) { setenv("PONDER_FAKE_GPU", words, 1); }
    ~FakeGpus() { unsetenv("PONDER_FAKE_GPU"); }
    FakeGpus(const FakeGpus&) = delete;
    FakeGpus& operator=(const FakeGpus&) = delete;
};

std::shared_ptr<const CudaModule> fakeModule()
{
    auto loaded = CudaModule::load(module("libfake-cuda.so"));
    REQUIRE_MESSAGE(loaded, (loaded ? "" : loaded.error().message));
    return *loaded;
}

std::string refusal(const fs::path& file)
{
    const auto loaded = CudaModule::load(file);
    REQUIRE(!loaded);
    CHECK(loaded.error().code == ErrorCode::InvalidArgument);
    CHECK(loaded.error().message.find("processor (cpu)") != std::string::npos); // the way out
    return loaded.error().message;
}

bool contains(const std::string& text, const char* piece)
{
    return text.find(piece) != std::string::npos;
}

using Kind = DeviceChoice::Kind;

} // namespace

TEST_CASE("what is no module of this version is refused with what is wrong")
{
    CHECK(contains(refusal("/nowhere/libponder-cuda.so"), "has no GPU module"));
    CHECK(contains(refusal(module("libfake-cuda-old.so")), "another version"));
    CHECK(contains(refusal(module("libfake-cuda-empty.so")), "is no GPU module of Ponder"));
    const fs::path damaged = fs::temp_directory_path() / "ponder-tst-damaged.so";
    std::ofstream(damaged) << "not a library";
    CHECK(contains(refusal(damaged), "cannot be loaded: "));
    fs::remove(damaged);
}

TEST_CASE("the module is looked for beside the program, or where the environment says")
{
    unsetenv("PONDER_CUDA_MODULE");
    const auto absent = CudaModule::load(); // there is none next to this test
    REQUIRE(!absent);
    CHECK(contains(absent.error().message, "has no GPU module"));
    setenv("PONDER_CUDA_MODULE", module("libfake-cuda.so").c_str(), 1);
    CHECK(CudaModule::load().has_value());
    setenv("PONDER_CUDA_MODULE", "none", 1);
    CHECK(!CudaModule::load().has_value());
    unsetenv("PONDER_CUDA_MODULE");
}

TEST_CASE("a session runs where it was told to, and the plan says where that is")
{
    const Golden golden = loadGolden("v2_lite");
    const auto cuda = fakeModule();
    const auto deviceOf = [&](DeviceChoice device) {
        return makeSession(golden, {.device = device, .cuda = cuda})->plan().device();
    };
    CHECK(deviceOf({}) == "cuda:0"); // the larger
    CHECK(deviceOf({Kind::Cuda}) == "cuda:0");
    CHECK(deviceOf({Kind::Cuda, 1}) == "cuda:1");
    CHECK(deviceOf({Kind::Cpu}) == "cpu");
    CHECK(makeSession(golden)->plan().device() == "cpu"); // no module, no GPU

    const auto session = makeSession(golden, {.cuda = cuda});
    CHECK(distance(allLogits(*session, golden.tokens), golden.logits) < 1e-4);
    const auto absent = Session::create(golden.model, {.device = {Kind::Cuda, 9}, .cuda = cuda});
    REQUIRE(!absent);
    CHECK(contains(absent.error().message, "cuda:9"));
}

TEST_CASE("memory that shrinks between plan and load is planned with again")
{
    const Golden golden = loadGolden("v2_lite");
    const auto cuda = fakeModule();
    {
        const FakeGpus gpus("full=2");
        const auto session = makeSession(golden, {.cuda = cuda});
        CHECK(session->plan().device() == "cuda:0");
        CHECK(contains(session->plan().remark, "planned again"));
        CHECK(
            session->plan().gpu->gpu.availableBytes < (7ULL << 30U)); // it is believed to have less
    }
    {
        const FakeGpus gpus("full=99"); // it never fits: Auto goes on, an explicit choice fails
        const auto session = makeSession(golden, {.cuda = cuda});
        CHECK(session->plan().device() == "cpu");
        CHECK(contains(session->plan().remark, "too little memory"));
        CHECK(distance(allLogits(*session, golden.tokens), golden.logits) < 1e-4);
        setenv("PONDER_FAKE_GPU", "full=99", 1);
        const auto asked = Session::create(golden.model, {.device = {Kind::Cuda}, .cuda = cuda});
        REQUIRE(!asked);
        CHECK(asked.error().code == ErrorCode::OutOfMemory);
    }
}

TEST_CASE("GPUs that are not there, do not answer or are too small")
{
    const Golden golden = loadGolden("v2_lite");
    const auto cuda = fakeModule();
    for (const char* words : {"none", "broken", "small"}) {
        CAPTURE(words);
        const FakeGpus gpus(words);
        const auto session = makeSession(golden, {.cuda = cuda});
        CHECK(session->plan().device() == "cpu");
        CHECK(session->plan().remark.empty() == (std::string(words) == "none"));
        const auto asked = Session::create(golden.model, {.device = {Kind::Cuda}, .cuda = cuda});
        REQUIRE(!asked);
        CHECK(!asked.error().message.empty());
    }
}

TEST_CASE("a GPU that is lost ends the call; the session goes on on the processor")
{
    const Golden golden = loadGolden("v2_lite");
    const FakeGpus gpus("lost=4");
    const auto session = makeSession(golden, {.batch = 8, .cuda = fakeModule()});
    const auto prompt = std::span(golden.tokens);
    REQUIRE(session->prefill(prompt.first(16)));
    REQUIRE(session->prefill(prompt.subspan(16, 1)));
    const auto lost = session->prefill(prompt.subspan(17, 1));
    REQUIRE(!lost);
    CHECK(lost.error().code == ErrorCode::DeviceLost);
    CHECK(session->tokens().empty());
    CHECK(session->logits()->empty());
    session->truncate(3); // nothing there to cut

    CHECK(distance(allLogits(*session, golden.tokens), golden.logits) < 1e-4);
    CHECK(session->plan().device() == "cpu");
    CHECK(contains(session->plan().remark, "stopped answering"));
    CHECK(session->tokens().size() == golden.tokens.size());
}

TEST_CASE("a chat whose GPU is lost keeps what was written and answers on")
{
    const fs::path starter = fs::path(PONDER_SOURCE_DIR) / "resources/starter/ponder-starter.gguf";
    auto model = Model::open(starter);
    REQUIRE(model);
    auto text = ModelText::load((*model)->file());
    REQUIRE(text);
    const auto ask = [&](ChatSession& chat, const std::string& written, std::string& out) {
        ChatRequest request;
        request.messages = {{"user", "What is 34 + 58?", ""}};
        request.sampling.temperature = 0;
        request.continueReasoning = written;
        return chat.generate(request, [&out](const TokenEvent& e) { out += e.text; });
    };
    std::string whole;
    {
        auto session = Session::create(*model, {.contextLength = 1024});
        REQUIRE(session);
        ChatSession chat(std::move(*session), *text);
        REQUIRE(ask(chat, "", whole));
    }
    const FakeGpus gpus("lost=12");
    auto session = Session::create(*model, {.contextLength = 1024, .cuda = fakeModule()});
    REQUIRE(session);
    ChatSession chat(std::move(*session), *text);
    std::string written;
    const auto lost = ask(chat, "", written);
    REQUIRE(!lost);
    CHECK(lost.error().code == ErrorCode::DeviceLost);
    CHECK(!written.empty());
    CHECK(whole.starts_with(written)); // nothing is lost, nothing comes twice
    std::string again;
    REQUIRE(ask(chat, "", again));
    CHECK(again == whole);
}

TEST_CASE("the module's own check is handed through")
{
    int seen = 0;
    const auto results
        = fakeModule()->selfcheck(0, [&seen](const kernels::CheckResult&) { ++seen; });
    REQUIRE(results);
    CHECK(results->size() == 1);
    CHECK(seen == 1);
}
