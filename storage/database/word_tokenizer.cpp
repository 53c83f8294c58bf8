#include "storage/database/word_tokenizer.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <new>
#include <sqlite3.h>

namespace ponder::storage {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

/// By code point. Punctuation between them separates words, as unicode61 has it.
constexpr std::array kWithoutSpaces = {
    Range{0x0e01, 0x0e4e}, // Thai, with its marks
    Range{0x0e81, 0x0ecd}, // Lao
    Range{0x0f40, 0x0fbc}, // Tibetan
    Range{0x1000, 0x109f}, // Burmese
    Range{0x1780, 0x17d3}, // Khmer
    Range{0x3005, 0x3007}, // 々〆〇
    Range{0x3021, 0x3029}, Range{0x3031, 0x3035}, Range{0x3038, 0x303c},
    Range{0x3041, 0x3096}, // Hiragana
    Range{0x309d, 0x309f}, Range{0x30a1, 0x30fa}, // Katakana
    Range{0x30fc, 0x30ff}, // with ー
    Range{0x3105, 0x312f}, // Bopomofo
    Range{0x31a0, 0x31bf}, Range{0x31f0, 0x31ff}, Range{0x3400, 0x4dbf}, // Han
    Range{0x4e00, 0x9fff}, Range{0xa9e0, 0xa9fe}, // Burmese
    Range{0xaa60, 0xaa7f},
    Range{0xac00, 0xd7a3}, // Hangul: with spaces, but a word carries its particle
    Range{0xf900, 0xfaff}, // Han
    Range{0xff66, 0xff9f}, // Katakana of half width
    Range{0x1b000, 0x1b16f}, // Kana
    Range{0x20000, 0x3ffff}, // Han
};

/// The character at `at`, and how many bytes it takes; what is no UTF-8 is a byte of its own.
char32_t characterAt(const unsigned char* text, int at, int end, int& bytes)
{
    const unsigned char lead = text[at];
    bytes = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead < 0x80 || bytes == 1 || at + bytes > end) {
        bytes = 1;
        return lead < 0x80 ? lead : 0xfffd;
    }
    char32_t character = lead & (0xff >> (bytes + 1));
    for (int k = 1; k < bytes; ++k) {
        if ((text[at + k] & 0xc0) != 0x80) {
            bytes = 1;
            return 0xfffd;
        }
        character = character << 6 | (text[at + k] & 0x3f);
    }
    return character;
}

/// unicode61, and how to call it.
struct Words {
    fts5_tokenizer calls{};
    Fts5Tokenizer* tokenizer = nullptr;

    ~Words()
    {
        if (tokenizer)
            calls.xDelete(tokenizer);
    }
};

using TakeToken = int (*)(void*, int, const char*, int, int, int);

/// Hands tokens of a part of the text on, with their places in the whole.
struct Shifted {
    TakeToken take;
    void* context;
    int offset;
};

int takeShifted(void* context, int flags, const char* token, int size, int start, int end)
{
    const auto* shifted = static_cast<const Shifted*>(context);
    return shifted->take(
        shifted->context, flags, token, size, start + shifted->offset, end + shifted->offset);
}

int createTokenizer(void* context, const char**, int, Fts5Tokenizer** made)
{
    auto* api = static_cast<fts5_api*>(context);
    std::unique_ptr<Words> words(new (std::nothrow) Words);
    if (!words)
        return SQLITE_NOMEM;
    void* unicodeContext = nullptr;
    int code = api->xFindTokenizer(api, "unicode61", &unicodeContext, &words->calls);
    if (code != SQLITE_OK)
        return code;
    std::array<const char*, 4> options = {"remove_diacritics", "2", "tokenchars", "_"};
    code = words->calls.xCreate(
        unicodeContext, options.data(), int(options.size()), &words->tokenizer);
    if (code == SQLITE_OK)
        *made = reinterpret_cast<Fts5Tokenizer*>(words.release());
    return code;
}

void deleteTokenizer(Fts5Tokenizer* tokenizer)
{
    delete reinterpret_cast<Words*>(tokenizer);
}

int tokenize(
    Fts5Tokenizer* tokenizer, void* context, int flags, const char* text, int size, TakeToken take)
{
    const auto* words = reinterpret_cast<const Words*>(tokenizer);
    const auto* bytes = reinterpret_cast<const unsigned char*>(text);
    int begun = 0; // what is before belongs to tokens that are taken
    const auto takeUntil = [&](int end) {
        Shifted shifted{take, context, begun};
        return begun == end ? SQLITE_OK
                            : words->calls.xTokenize(words->tokenizer, &shifted, flags,
                                  text + begun, end - begun, takeShifted);
    };
    for (int at = 0; at < size;) {
        int length = 1;
        if (!isWrittenWithoutSpaces(characterAt(bytes, at, size, length))) {
            at += length;
            continue;
        }
        int code = takeUntil(at);
        if (code == SQLITE_OK)
            code = take(context, 0, text + at, length, at, at + length);
        if (code != SQLITE_OK)
            return code;
        at += length;
        begun = at;
    }
    return takeUntil(size);
}

/// FTS5's own calls, as its documentation gives the way to them; null where there is no FTS5.
fts5_api* fts5Of(sqlite3* handle)
{
    fts5_api* api = nullptr;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
        sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr);
        sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return api;
}

} // namespace

bool isWrittenWithoutSpaces(char32_t character)
{
    if (character < kWithoutSpaces.front().first)
        return false;
    const auto after = std::ranges::upper_bound(kWithoutSpaces, character, {}, &Range::first);
    return character <= std::prev(after)->last;
}

int addWordTokenizer(sqlite3* handle)
{
    fts5_api* api = fts5Of(handle);
    if (!api)
        return SQLITE_ERROR;
    fts5_tokenizer calls{createTokenizer, deleteTokenizer, tokenize};
    return api->xCreateTokenizer(api, "ponder", api, &calls, nullptr);
}

} // namespace ponder::storage
