#include "ui/thought/token_trace.h"

#include "ui/thought/background.h"

#include <QVariantMap>

#include <algorithm>
#include <cmath>
#include <utility>

namespace ponder {

namespace {

// Nats at which the colour changes. Most tokens of a thought have less than the first.
constexpr std::array<float, TokenTrace::kLevels - 1> kLevelBegins{0.3F, 0.8F, 1.4F, 2.2F};
// A fork: the model was undecided, and the runner-up weighed at least this share of the best.
constexpr float kForkEntropy = 0.9F;
constexpr float kForkShare = 0.4F;
// Bytes of the tokens before that a token may release with its own: a part of a character, or of what might be a tag.
constexpr std::size_t kMaxHeldBack = 32;

bool hasLetterOrDigit(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z')
            || (byte >= 'a' && byte <= 'z');
    });
}

bool forks(const TokenStatistic& token, const TokenStatistics& statistics)
{
    if (token.entropy < kForkEntropy || token.alternativeCount < 2)
        return false;
    const auto& first = token.alternatives[0];
    const auto& second = token.alternatives[1];
    return std::exp(second.logprob - first.logprob) >= kForkShare
        && hasLetterOrDigit(statistics.textOf(first.id))
        && hasLetterOrDigit(statistics.textOf(second.id));
}

/// UTF-16 units of the UTF-8 bytes from `from` to `to`.
qsizetype unitsOf(const QByteArray& bytes, std::size_t from, std::size_t to)
{
    qsizetype units = 0;
    for (std::size_t at = from; at < to; ++at) {
        const auto byte = static_cast<unsigned char>(bytes.at(qsizetype(at)));
        units += (byte & 0xC0U) != 0x80U ? 1 : 0; // a character begins
        units += byte >= 0xF0U ? 1 : 0; // and takes two
    }
    return units;
}

} // namespace

TokenTraceData traceTokens(TokenStatistics statistics, const QString& thought)
{
    TokenTraceData data;
    const QByteArray bytes = thought.toUtf8();
    const auto all = std::size_t(bytes.size());
    std::size_t at = std::min<std::size_t>(statistics.bytesBefore(TextPart::Reasoning), all);
    qsizetype unit = unitsOf(bytes, 0, at);
    const auto tokens = statistics.tokens();
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::size_t released = std::min<std::size_t>(tokens[i].thoughtEnd, all);
        if (released <= at)
            continue;
        // What a person wrote counts for the token before it, and is none of the token's.
        std::size_t end
            = std::min(released, at + statistics.textOf(tokens[i].id).size() + kMaxHeldBack);
        while (end < released
            && (static_cast<unsigned char>(bytes.at(qsizetype(end))) & 0xC0U) == 0x80U)
            ++end;
        const qsizetype endUnit = unit + unitsOf(bytes, at, end);
        data.tokens.push_back({.index = i,
            .begin = unit,
            .end = endUnit,
            .entropy = tokens[i].entropy,
            .probability = std::exp(tokens[i].logprob),
            .forking = forks(tokens[i], statistics)});
        at = released;
        unit = endUnit + unitsOf(bytes, end, released);
    }
    data.statistics = std::move(statistics);
    return data;
}

void TokenTrace::load(const QByteArray& encoded, const QString& thought)
{
    using Data = std::shared_ptr<const TokenTraceData>;
    const int number = ++m_lastLoad;
    runInBackground<Data>(
        this,
        [encoded, thought]() -> Data {
            auto statistics
                = TokenStatistics::decode({encoded.constData(), std::size_t(encoded.size())});
            if (!statistics)
                return nullptr; // as for an answer of which nothing was kept
            return std::make_shared<const TokenTraceData>(
                traceTokens(std::move(*statistics), thought));
        },
        [this, number, thought](const Data& data) {
            if (number != m_lastLoad)
                return;
            m_data = data;
            m_thought = thought;
            emit changed();
        });
}

void TokenTrace::clear()
{
    ++m_lastLoad;
    if (!std::exchange(m_data, nullptr))
        return;
    m_thought.clear();
    emit changed();
}

int TokenTrace::levelOf(float entropy)
{
    return int(
        std::upper_bound(kLevelBegins.begin(), kLevelBegins.end(), entropy) - kLevelBegins.begin());
}

QString TokenTrace::html(qsizetype begin, qsizetype end) const
{
    begin = std::clamp<qsizetype>(begin, 0, m_thought.size());
    end = std::clamp(end, begin, m_thought.size());
    while (begin < end && m_thought.at(begin).isSpace())
        ++begin;
    while (end > begin && m_thought.at(end - 1).isSpace())
        --end;
    if (!m_data)
        return {};
    const auto escaped = [this](qsizetype from, qsizetype to) {
        return m_thought.sliced(from, to - from)
            .toHtmlEscaped()
            .replace(u'\n', QStringLiteral("<br>"));
    };
    QString html;
    qsizetype at = begin;
    auto token = std::upper_bound(m_data->tokens.begin(), m_data->tokens.end(), begin,
        [](qsizetype offset, const TracedToken& traced) { return offset < traced.end; });
    for (; token != m_data->tokens.end() && token->begin < end; ++token) {
        const qsizetype from = std::max(at, token->begin);
        const qsizetype to = std::min(end, token->end);
        if (from > at)
            html += escaped(at, from);
        html += QStringLiteral("<a href=\"token:%1\" class=\"t%2%3\">%4</a>")
                    .arg(token - m_data->tokens.begin())
                    .arg(levelOf(token->entropy))
                    .arg(token->forking ? QStringLiteral(" f") : QString(), escaped(from, to));
        at = to;
    }
    return at < end ? html + escaped(at, end) : html;
}

QVariantList TokenTrace::alternatives(int token) const
{
    QVariantList list;
    if (token < 0 || token >= count())
        return list;
    const TokenStatistic& of
        = m_data->statistics.tokens()[m_data->tokens[std::size_t(token)].index];
    const auto add = [&](std::int32_t id, float logprob) {
        const std::string_view text = m_data->statistics.textOf(id);
        list.append(QVariantMap{
            {QStringLiteral("text"), QString::fromUtf8(text.data(), qsizetype(text.size()))},
            {QStringLiteral("probability"), std::exp(logprob)},
            {QStringLiteral("chosen"), id == of.id}});
    };
    bool listed = false;
    for (std::size_t i = 0; i < of.alternativeCount; ++i) {
        add(of.alternatives[i].id, of.alternatives[i].logprob);
        listed = listed || of.alternatives[i].id == of.id;
    }
    if (!listed)
        add(of.id, of.logprob);
    return list;
}

double TokenTrace::entropy(int token) const
{
    return token >= 0 && token < count() ? double(m_data->tokens[std::size_t(token)].entropy) : 0;
}

qsizetype TokenTrace::beginOf(int token) const
{
    return token >= 0 && token < count() ? m_data->tokens[std::size_t(token)].begin : -1;
}

int TokenTrace::nextForking(int token, int direction) const
{
    const int step = direction < 0 ? -1 : 1;
    const int from = token < 0 && step < 0 ? count() : token;
    for (int at = from + step; at >= 0 && at < count(); at += step) {
        if (m_data->tokens[std::size_t(at)].forking)
            return at;
    }
    return -1;
}

QString TokenTrace::thoughtWith(int token, const QString& text) const
{
    return token >= 0 && token < count() ? m_thought.first(beginOf(token)) + text : QString();
}

} // namespace ponder

#include "moc_token_trace.cpp"
