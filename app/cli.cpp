// ponder-cli: the engine on the terminal. Scripts depend on its options, output and exit codes
// (docs/cli.md): 0 done, 1 failed with a reason on stderr, 2 wrong usage.

#include "app/cli.h"

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

#include <CLI/CLI.hpp>

#include "app/offline.h"
#include "app/standard_streams.h"
#include "app/terminal_text.h"
#include "engine/file/lost_pages.h"
#include "engine/plan/placement_plan.h"

namespace {

constexpr int kDone = 0, kFailed = 1, kWrongUsage = 2;

void addDevice(CLI::App* command, ponder::DeviceChoice& device)
{
    command->add_option_function<std::string>(
        "--device",
        [&device](const std::string& text) {
            const auto choice = ponder::DeviceChoice::parse(text);
            if (!choice)
                throw CLI::ValidationError(
                    "--device", text + " is none of auto, cpu, cuda, cuda:N");
            device = *choice;
        },
        "auto, cpu, cuda or cuda:N");
}

void addCache(CLI::App* command, std::optional<ponder::kernels::CacheType>& cache)
{
    command->add_option_function<std::string>(
        "--cache",
        [&cache](const std::string& text) {
            cache = ponder::parseCacheType(text);
            if (!cache && text != "auto")
                throw CLI::ValidationError("--cache", text + " is none of auto, bf16, fp8, f32");
        },
        "How a GPU keeps keys and values: auto, bf16, fp8 or f32");
}

void addTemplate(CLI::App* command, std::string& chatTemplate)
{
    command->add_option("--template", chatTemplate,
        "A chat template of your own: a file of Jinja, or a form's name (chatml, llama3, … or "
        "auto)");
}

/// A number from low to high: NaN is none, which CLI::Range would let pass.
CLI::Validator numberWithin(float low, float high)
{
    return {[low, high](std::string& text) {
                char* end = nullptr;
                const float value = std::strtof(text.c_str(), &end);
                const bool whole = !text.empty() && *end == '\0';
                if (whole && value >= low && value <= high)
                    return std::string();
                std::ostringstream reason;
                reason << "must be a number from " << low << " to " << high << ", not " << text;
                return reason.str();
            },
        "NUMBER"};
}

/// A whole number of 64 bits; -1: another one every time.
void addSeed(CLI::App* command, std::optional<std::uint64_t>& seed)
{
    command->add_option_function<std::string>(
        "--seed",
        [&seed](const std::string& text) {
            if (text == "-1") {
                seed.reset();
                return;
            }
            std::uint64_t value = 0;
            const char* end = text.data() + text.size();
            const auto [read, error] = std::from_chars(text.data(), end, value);
            if (error != std::errc() || read != end || text.empty())
                throw CLI::ValidationError("--seed",
                    "must be a whole number from 0 to 18446744073709551615, or -1 for another "
                    "one every time, not "
                        + text);
            seed = value;
        },
        "Seed of the sampler; -1: another one every time");
}

/// At least one token, or -1.
CLI::Validator tokenLimit()
{
    return {[](std::string& text) {
                int value = 0;
                const char* end = text.data() + text.size();
                const auto [read, error] = std::from_chars(text.data(), end, value);
                const bool whole = error == std::errc() && read == end && !text.empty();
                if (whole && (value == -1 || (value >= 1 && value <= 1 << 30)))
                    return std::string();
                return "must be a whole number of at least 1, or -1 for no limit but the context, "
                       "not "
                    + text;
            },
        "NUMBER"};
}

void addThreads(CLI::App* command, int& threads)
{
    command->add_option("-t,--threads", threads, "Threads to use (0: all cores)")
        ->check(CLI::Range(0, 1024));
}

/// What a fault of a GPU, or a slow step, is narrowed down with: the GPU module reads these from the
/// environment when it launches its first kernel.
void addGpuSwitches(CLI::App* command)
{
    const auto add = [command](const char* flag, const char* variable, const char* words) {
        command->add_flag_callback(flag, [variable] { ::setenv(variable, "1", 1); }, words);
    };
    add("--no-recording", "PONDER_CUDA_NO_RECORDING", "GPU: no steps recorded as graphs");
    add("--no-overlap", "PONDER_CUDA_NO_OVERLAP",
        "GPU: no kernel starts before the one in front of it is done");
    add("--synchronous", "PONDER_CUDA_SYNCHRONOUS",
        "GPU: every kernel is waited for, so that an error names it");
}

void addLargerThanMemory(CLI::App* command, bool& flag)
{
    command->add_flag("--larger-than-memory", flag,
        "Open a model that does not fit into memory: its weights come from the disk, slowly");
}

} // namespace

int main(int argc, char** argv)
{
    using namespace ponder;
    openStandardStreams();
    surviveFileSizeLimit();
    surviveLostPages();
    if (const auto offline = sealNetwork(); !offline.sealed)
        std::fprintf(stderr, "ponder-cli: %s\n", offline.reason.c_str());

    CLI::App app{"Ponder: reasoning models on your own machine", "ponder-cli"};
    app.set_version_flag("--version", PONDER_VERSION);
    app.require_subcommand(1);

    cli::ChatOptions chat;
    auto* chatCommand = app.add_subcommand("chat", "Ask a model; its thought, then its answer");
    chatCommand->add_option("-m,--model", chat.model, "A GGUF file")->required();
    chatCommand->add_option("-p,--prompt", chat.prompt, "The question; without it, stdin is read");
    chatCommand->add_option("--system", chat.system, "A system prompt");
    addTemplate(chatCommand, chat.chatTemplate);
    chatCommand->add_option("--temp", chat.temperature, "Temperature; 0 is greedy and repeatable")
        ->check(numberWithin(0.0F, 10.0F));
    chatCommand->add_option("--top-p", chat.topP, "Nucleus sampling")
        ->check(numberWithin(0.0F, 1.0F));
    addSeed(chatCommand, chat.seed);
    chatCommand
        ->add_option("-n,--max-tokens", chat.maxTokens,
            "Most tokens to generate; -1: until the context is full")
        ->check(tokenLimit());
    chatCommand->add_flag("--json", chat.json, "One JSON object a line");
    addThreads(chatCommand, chat.threads);
    addDevice(chatCommand, chat.device);
    addCache(chatCommand, chat.cache);
    addLargerThanMemory(chatCommand, chat.largerThanMemory);

    cli::LogitsOptions logits;
    auto* logitsCommand = app.add_subcommand("logits", "The logits of every token of a list");
    logitsCommand->add_option("-m,--model", logits.model, "A GGUF file")->required();
    logitsCommand->add_option("--tokens", logits.tokens, "Token ids, int32")->required();
    logitsCommand->add_option("--out", logits.out, "Logits, float32 [tokens, vocab]")->required();
    logitsCommand->add_option("--batch", logits.batch, "Tokens evaluated at a time")
        ->check(CLI::Range(1, 1 << 20));
    addThreads(logitsCommand, logits.threads);
    addDevice(logitsCommand, logits.device);
    addCache(logitsCommand, logits.cache);
    addLargerThanMemory(logitsCommand, logits.largerThanMemory);

    cli::TokenizeOptions tokenize;
    auto* tokenizeCommand = app.add_subcommand("tokenize", "Text to a JSON array of token ids");
    tokenizeCommand->add_option("-m,--model", tokenize.model, "A GGUF file")->required();
    tokenizeCommand->add_option("--file", tokenize.file, "A text file; without it, stdin");
    tokenizeCommand->add_flag("--special", tokenize.special, "Parse special tokens in the text");

    cli::BenchOptions bench;
    auto* benchCommand = app.add_subcommand("bench", "How fast a model runs here");
    benchCommand->add_option("-m,--model", bench.model, "A GGUF file")->required();
    benchCommand->add_option("-p,--prompt-tokens", bench.promptTokens, "Tokens of prefill")
        ->check(CLI::Range(0, 1 << 24));
    benchCommand->add_option("-n,--tokens", bench.generatedTokens, "Tokens to decode")
        ->check(CLI::Range(0, 1 << 24));
    benchCommand->add_option("-d,--depth", bench.depth, "Tokens in the context before either")
        ->check(CLI::Range(0, 1 << 24));
    benchCommand->add_option("-r,--repetitions", bench.repetitions, "Runs; medians are printed")
        ->check(CLI::Range(1, 1000));
    benchCommand->add_flag("--json", bench.json, "One JSON object");
    addThreads(benchCommand, bench.threads);
    addDevice(benchCommand, bench.device);
    addCache(benchCommand, bench.cache);
    addLargerThanMemory(benchCommand, bench.largerThanMemory);
    addGpuSwitches(benchCommand);

    cli::InspectOptions inspect;
    auto* inspectCommand = app.add_subcommand("inspect", "What a model file holds");
    inspectCommand->add_option("file", inspect.file, "A GGUF file")->required();
    addTemplate(inspectCommand, inspect.chatTemplate);
    inspectCommand->add_flag("--json", inspect.json, "One JSON object");
    addDevice(inspectCommand, inspect.device);

    cli::AnalyseOptions analyse;
    auto* analyseCommand = app.add_subcommand(
        "analyse", "Steps, candidates and mistakes of a thought; needs no model");
    analyseCommand->add_option(
        "file", analyse.file, "A text with thought tags, or JSON Lines; without it, stdin");
    analyseCommand->add_flag("--json", analyse.json, "One JSON object a record");

    cli::SelfcheckOptions selfcheck;
    auto* selfcheckCommand
        = app.add_subcommand("selfcheck", "Every kernel of this machine against its reference");
    selfcheckCommand->add_flag("--json", selfcheck.json, "One JSON object");
    addDevice(selfcheckCommand, selfcheck.device);
    addGpuSwitches(selfcheckCommand);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        std::ostringstream out;
        std::ostringstream reason;
        const int code = app.exit(e, out, reason);
        std::fputs(out.str().c_str(), stdout);
        std::fputs(cli::safeText(reason.str()).c_str(), stderr); // it quotes what was typed
        return code == 0 ? kDone : kWrongUsage;
    }

    Result<void> done;
    if (*chatCommand)
        done = cli::chat(chat);
    else if (*logitsCommand)
        done = cli::logits(logits);
    else if (*tokenizeCommand)
        done = cli::tokenize(tokenize);
    else if (*benchCommand)
        done = cli::bench(bench);
    else if (*inspectCommand)
        done = cli::inspect(inspect);
    else if (*analyseCommand)
        done = cli::analyse(analyse);
    else
        done = cli::selfcheck(selfcheck);
    if (done)
        done = cli::flushOutput();
    if (done)
        return kDone;
    std::fprintf(stderr, "ponder-cli: %s%s\n", cli::safeText(done.error().message).c_str(),
        opensLargerThanMemory(done.error()) ? " Give --larger-than-memory for that." : "");
    return kFailed;
}
