#include "engine/text/script_engine.h"

#include <cstdlib>
#include <ctime>
#include <limits>
#include <utility>

#include <quickjs/quickjs.h>

namespace ponder {

namespace {

/// Everything the interpreter allocates, in a ring, so that it can be let go of as a whole: an interpreter that was
/// stopped in the middle or ran out of memory cannot always clean up after itself.
struct alignas(std::max_align_t) Block {
    Block* previous;
    Block* next;
    std::size_t size;
};

void unlink(Block* block)
{
    block->previous->next = block->next;
    block->next->previous = block->previous;
}

void link(Block* ring, Block* block)
{
    block->previous = ring;
    block->next = ring->next;
    ring->next->previous = block;
    ring->next = block;
}

bool fits(const JSMallocState* state, std::size_t released, std::size_t size)
{
    return size <= std::numeric_limits<std::size_t>::max() / 2
        && state->malloc_size - released + size + sizeof(Block) <= state->malloc_limit;
}

void* allocate(JSMallocState* state, std::size_t size)
{
    if (!fits(state, 0, size))
        return nullptr;
    auto* block = static_cast<Block*>(std::malloc(sizeof(Block) + size));
    if (!block)
        return nullptr;
    block->size = size;
    link(static_cast<Block*>(state->opaque), block);
    state->malloc_count++;
    state->malloc_size += size + sizeof(Block);
    return block + 1;
}

void release(JSMallocState* state, void* memory)
{
    if (!memory)
        return;
    Block* block = static_cast<Block*>(memory) - 1;
    state->malloc_count--;
    state->malloc_size -= block->size + sizeof(Block);
    unlink(block);
    std::free(block);
}

void* reallocate(JSMallocState* state, void* memory, std::size_t size)
{
    if (!memory)
        return size == 0 ? nullptr : allocate(state, size);
    if (size == 0) {
        release(state, memory);
        return nullptr;
    }
    Block* block = static_cast<Block*>(memory) - 1;
    const std::size_t before = block->size;
    if (!fits(state, before + sizeof(Block), size))
        return nullptr;
    unlink(block);
    auto* moved = static_cast<Block*>(std::realloc(block, sizeof(Block) + size));
    if (!moved) {
        link(static_cast<Block*>(state->opaque), block);
        return nullptr;
    }
    moved->size = size;
    link(static_cast<Block*>(state->opaque), moved);
    state->malloc_size += size - before;
    return moved + 1;
}

/// Processor time of this thread, so that a busy machine does not shorten a template's limit.
std::chrono::nanoseconds processorTime()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::size_t usableSize(const void* memory)
{
    return memory ? (static_cast<const Block*>(memory) - 1)->size : 0;
}

} // namespace

class ScriptEngine::Private {
public:
    explicit Private(const ScriptBounds& limits)
        : bounds(limits)
        , deadline(processorTime() + limits.time)
    {
        const JSMallocFunctions functions{allocate, release, reallocate, usableSize};
        runtime = JS_NewRuntime2(&functions, &ring);
        if (!runtime)
            return;
        JS_SetMemoryLimit(runtime, limits.memory);
        JS_SetMaxStackSize(runtime, limits.stack);
        JS_SetInterruptHandler(runtime, &Private::interrupted, this);
        context = JS_NewContextRaw(runtime);
        if (!context)
            return;
        // The language without Date, promises, proxies, typed arrays and weak references.
        JS_AddIntrinsicBaseObjects(context);
        JS_AddIntrinsicEval(context);
        JS_AddIntrinsicRegExpCompiler(context);
        JS_AddIntrinsicRegExp(context);
        JS_AddIntrinsicJSON(context);
        JS_AddIntrinsicMapSet(context);
    }

    ~Private()
    {
        // Not JS_FreeRuntime: it asserts that nothing leaked, which does not hold after a failure.
        while (ring.next != &ring) {
            Block* block = ring.next;
            unlink(block);
            std::free(block);
        }
    }

    Private(const Private&) = delete;
    Private& operator=(const Private&) = delete;

    tl::unexpected<Error> failure()
    {
        if (timedOut)
            return fail(ErrorCode::TemplateFailed,
                "it took longer than " + std::to_string(bounds.time.count())
                    + " ms and was stopped");
        const JSValue exception = JS_GetException(context);
        std::string message;
        if (JS_IsObject(exception)) {
            const JSValue text = JS_GetPropertyStr(context, exception, "message");
            if (!JS_IsException(text))
                message = toString(text);
            JS_FreeValue(context, text);
        } else if (!JS_IsNull(exception)) {
            message = toString(exception);
        }
        JS_FreeValue(context, exception);
        if (message.empty() || message == "out of memory")
            message
                = "it needed more than " + std::to_string(bounds.memory >> 20) + " MB of memory";
        else if (message == "stack overflow" || message == "Maximum call stack size exceeded")
            message = "it is nested too deeply";
        return fail(ErrorCode::TemplateFailed, std::move(message));
    }

    /// Empty where the value cannot be converted.
    std::string toString(JSValueConst value)
    {
        std::size_t length = 0;
        const char* text = JS_ToCStringLen(context, &length, value);
        if (!text)
            return {};
        std::string copy(text, length);
        JS_FreeCString(context, text);
        return copy;
    }

    static int interrupted(JSRuntime*, void* opaque)
    {
        auto* self = static_cast<Private*>(opaque);
        self->timedOut = processorTime() >= self->deadline;
        return self->timedOut;
    }

    ScriptBounds bounds;
    std::chrono::nanoseconds deadline; ///< of this thread's processor time
    Block ring{&ring, &ring, 0};
    JSRuntime* runtime = nullptr;
    JSContext* context = nullptr;
    bool timedOut = false;
};

ScriptEngine::ScriptEngine(std::unique_ptr<Private> engine)
    : d(std::move(engine))
{
}

ScriptEngine::ScriptEngine(ScriptEngine&&) noexcept = default;
ScriptEngine& ScriptEngine::operator=(ScriptEngine&&) noexcept = default;
ScriptEngine::~ScriptEngine() = default;

Result<ScriptEngine> ScriptEngine::create(const ScriptBounds& bounds)
{
    auto engine = std::make_unique<Private>(bounds);
    if (!engine->context)
        return fail(ErrorCode::OutOfMemory,
            "There is not enough memory to prepare the conversation for the model.");
    return ScriptEngine(std::move(engine));
}

Result<void> ScriptEngine::run(std::string_view script, const char* name)
{
    const std::string terminated(script); // JS_Eval requires a NUL after the end
    const JSValue value
        = JS_Eval(d->context, terminated.c_str(), terminated.size(), name, JS_EVAL_TYPE_GLOBAL);
    if (JS_IsException(value))
        return d->failure();
    JS_FreeValue(d->context, value);
    return {};
}

Result<std::string> ScriptEngine::call(
    const char* function, const std::vector<std::string_view>& arguments)
{
    JSContext* context = d->context;
    const JSValue global = JS_GetGlobalObject(context);
    const JSValue callee = JS_GetPropertyStr(context, global, function);
    std::vector<JSValue> values;
    bool prepared = !JS_IsException(callee);
    for (const std::string_view argument : arguments) {
        values.push_back(JS_NewStringLen(context, argument.data(), argument.size()));
        prepared = prepared && !JS_IsException(values.back());
    }
    const JSValue value = prepared
        ? JS_Call(context, callee, global, static_cast<int>(values.size()), values.data())
        : JS_EXCEPTION;
    for (const JSValue argument : values)
        JS_FreeValue(context, argument);
    JS_FreeValue(context, callee);
    JS_FreeValue(context, global);
    if (JS_IsException(value))
        return d->failure();
    std::size_t length = 0;
    const char* text = JS_ToCStringLen(context, &length, value);
    JS_FreeValue(context, value);
    if (!text)
        return d->failure();
    std::string result(text, length);
    JS_FreeCString(context, text);
    return result;
}

} // namespace ponder
