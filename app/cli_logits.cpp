#include "app/cli.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stop_token>
#include <vector>

#include "engine/generate/session.h"
#include "engine/model/model.h"

namespace ponder::cli {

namespace {

Result<std::vector<int32_t>> readTokens(const std::filesystem::path& path)
{
    const auto bytes = readAll(path);
    if (!bytes)
        return tl::unexpected(bytes.error());
    if (bytes->size() % sizeof(int32_t) != 0)
        return fail(ErrorCode::InvalidArgument,
            path.string()
                + " is no list of int32 token ids: its size is no multiple of four bytes.");
    std::vector<int32_t> tokens(bytes->size() / sizeof(int32_t));
    std::memcpy(tokens.data(), bytes->data(), bytes->size());
    if (tokens.empty())
        return fail(ErrorCode::InvalidArgument, path.string() + " holds no tokens.");
    return tokens;
}

} // namespace

Result<void> logits(const LogitsOptions& options)
{
    const auto gpus = openGpus(options.device);
    if (!gpus)
        return tl::unexpected(gpus.error());
    const auto tokens = readTokens(options.tokens);
    if (!tokens)
        return tl::unexpected(tokens.error());
    auto model = Model::open(options.model);
    if (!model)
        return tl::unexpected(model.error());
    SessionOptions sessionOptions;
    sessionOptions.threads = unsigned(options.threads);
    sessionOptions.device = options.device;
    sessionOptions.cuda = gpus->cuda;
    sessionOptions.largerThanMemory = options.largerThanMemory;
    sessionOptions.cache = options.cache;
    sessionOptions.batch = uint32_t(options.batch);
    auto session = Session::create(*model, sessionOptions);
    if (!session)
        return tl::unexpected(session.error());

    sayRemark((*session)->plan().remark);

    const auto cannotWrite = [&] {
        return Error{ErrorCode::FileUnreadable,
            options.out.string() + " cannot be written: " + std::strerror(errno) + ".", {}};
    };
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(
        std::fopen(options.out.c_str(), "wb"), std::fclose);
    if (!out)
        return tl::unexpected(cannotWrite());
    std::stop_source cannotGoOn; // a full disk ends the evaluation too
    const auto done = (*session)->evaluate(
        *tokens,
        [&](std::size_t, std::size_t, std::span<const float> values) {
            if (std::fwrite(values.data(), sizeof(float), values.size(), out.get())
                != values.size())
                cannotGoOn.request_stop();
        },
        cannotGoOn.get_token());
    if (cannotGoOn.stop_requested() || (done && std::fclose(out.release()) != 0))
        return tl::unexpected(cannotWrite());
    return done;
}

} // namespace ponder::cli
