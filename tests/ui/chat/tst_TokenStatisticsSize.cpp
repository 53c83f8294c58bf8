// What the token statistics of an answer take in the database, and that they fit its texts byte by byte.
#include "engine/generate/chat_session.h"
#include "engine/generate/session.h"
#include "engine/model/model.h"
#include "engine/reasoning/token_statistics.h"
#include "engine/text/tokenizer.h"
#include "storage/database/compression.h"
#include "tests/engine/shared_folder.h"
#include "ui/chat/answer_in_progress.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <unordered_map>

using namespace ponder;
using namespace Qt::StringLiterals;

namespace {

constexpr double kMaxBytes = 24; ///< a token, on the disk

struct Size {
    double tokens = 0;
    double raw = 0;
    double compressed = 0;

    void add(const AnswerInProgress& answer, const QByteArray& statistics)
    {
        const auto decoded = TokenStatistics::decode(statistics.toStdString());
        QVERIFY(decoded);
        QCOMPARE(decoded->bytes(TextPart::Reasoning), answer.row().thought.toUtf8().size());
        QCOMPARE(decoded->bytes(TextPart::Answer), answer.row().text.toUtf8().size());
        QCOMPARE(decoded->tokens().size(), std::size_t(answer.row().tokens));
        tokens += double(decoded->tokens().size());
        raw += double(statistics.size());
        compressed += double(storage::compress(statistics).size());
    }
    void print(const char* what) const
    {
        qInfo("%s: %.0f tokens, %.1f bytes a token, %.1f after zstd", what, tokens, raw / tokens,
            compressed / tokens);
    }
};

/// Stands in for a large model, which no test has: guesses the next token from the three before it, as other thoughts
/// went on. It is less sure than a large model, and its chances vary at random, so that no number repeats because a count does.
class Guesser {
public:
    void learn(const std::vector<std::int32_t>& tokens)
    {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            for (std::size_t order = 0; order <= std::min<std::size_t>(kOrders, i); ++order)
                m_seen[keyOf(tokens, i, order)][tokens[i]] += 1;
        }
    }

    /// Rare tokens are guessed only where they came before in such a place.
    void forgetRareTokens()
    {
        std::erase_if(m_seen[keyOf({}, 0, 0)], [](const auto& seen) { return seen.second < 200; });
    }

    /// Of tokens[at], which comes after what stands before it.
    TokenEvent guess(
        const std::vector<std::int32_t>& tokens, std::size_t at, const Tokenizer& tokenizer)
    {
        std::map<std::int32_t, double> chances{{tokens[at], 1e-6}};
        double left = 1;
        for (std::size_t order = std::min<std::size_t>(kOrders, at) + 1; order-- > 0;) {
            const auto seen = m_seen.find(keyOf(tokens, at, order));
            if (seen == m_seen.end())
                continue;
            double total = 0;
            for (const auto& [id, count] : seen->second)
                total += count;
            const double share = left * total / (total + 2.0 * double(seen->second.size()));
            for (const auto& [id, count] : seen->second) {
                chances[id] += share * count / total;
            }
            left -= share;
        }
        double sum = 0;
        std::normal_distribution<double> noise(0, 0.5);
        for (auto& [id, chance] : chances)
            sum += chance
                = std::pow(chance * std::exp(noise(m_random)), 1.6); // sharper, as a large model is
        TokenEvent event;
        event.id = tokens[at];
        event.bytes = tokenizer.bytes(event.id);
        event.logprob = float(std::log(chances[event.id] / sum));
        std::vector<std::pair<double, std::int32_t>> best;
        for (const auto& [id, chance] : chances) {
            best.emplace_back(chance / sum, id);
            event.entropy -= float(chance / sum * std::log(chance / sum));
        }
        std::ranges::sort(best, std::greater());
        event.bestCount = int(std::min<std::size_t>(best.size(), event.best.size()));
        for (std::size_t i = 0; i < std::size_t(event.bestCount); ++i)
            event.best[i] = {best[i].second, float(std::log(best[i].first)),
                std::string(tokenizer.bytes(best[i].second))};
        return event;
    }

private:
    static constexpr std::size_t kOrders = 3;

    static std::uint64_t keyOf(
        const std::vector<std::int32_t>& tokens, std::size_t at, std::size_t order)
    {
        std::uint64_t key = order;
        for (std::size_t i = at - order; i < at; ++i)
            key = (key ^ (std::uint64_t(tokens[i]) + 1)) * 0x9e3779b97f4a7c15ULL;
        return key;
    }

    std::unordered_map<std::uint64_t, std::map<std::int32_t, double>> m_seen;
    std::mt19937 m_random{1};
};

QList<QJsonObject> thoughtsOf(const std::filesystem::path& file)
{
    QFile lines(QString::fromStdString(file.string()));
    QList<QJsonObject> thoughts;
    if (lines.open(QIODevice::ReadOnly)) {
        while (!lines.atEnd())
            thoughts.append(QJsonDocument::fromJson(lines.readLine()).object());
    }
    return thoughts;
}

} // namespace

class tst_TokenStatisticsSize : public QObject {
    Q_OBJECT

private slots:
    void theStarterModel()
    {
        const std::string path = PONDER_SOURCE_DIR "/resources/starter/ponder-starter.gguf";
        if (!QFile::exists(QString::fromStdString(path)))
            QSKIP("The starter model is not in resources/starter: train it, and this test runs.");
        const auto model = Model::open(path);
        QVERIFY(model);
        auto text = ModelText::load((*model)->file());
        QVERIFY(text);
        auto session = Session::create(*model, {});
        QVERIFY(session);
        ChatSession chat(*std::move(session), *std::move(text));
        Size size;
        for (const char* question : {"What is 347 + 586?", "What is 12 * 34?",
                 "How much is 1000 - 1?", "Hello! Who are you?", "What is 87654 + 4567?",
                 "Write a function that adds two numbers."}) {
            ChatRequest request;
            request.messages = {{"user", question, {}}};
            AnswerInProgress answer{MessageRow()};
            const auto finish = chat.generate(
                request, [&answer](const TokenEvent& event) { (void)answer.take({event}); });
            QVERIFY(finish);
            size.add(answer, answer.end(finish).tokenStatistics);
        }
        size.print("Starter model");
        QVERIFY2(size.compressed < kMaxBytes * size.tokens,
            qPrintable(QString::number(size.compressed)));
    }

    void thoughtsOfALargeModel()
    {
        const auto traces = sharedFolder("traces/r1");
        const auto vocabularies = sharedFolder("tokenizers");
        if (traces.empty() || vocabularies.empty())
            QSKIP("shared/traces and shared/tokenizers are not there: name their folder in "
                  "PONDER_SHARED, and this test runs.");
        const auto file = ModelFile::open(vocabularies / "deepseek-v3.gguf");
        QVERIFY(file);
        const auto tokenizer = Tokenizer::fromModelFile(*file);
        QVERIFY(tokenizer);
        const auto encoded = [&tokenizer](const QJsonObject& thought, const QString& key) {
            return tokenizer->encode(thought.value(key).toString().toStdString(), ParseSpecial::No);
        };
        Guesser guesser;
        for (const char* learned : {"deepseek-r1-0528.jsonl", "qwen3-235b-a22b.jsonl"}) {
            for (const QJsonObject& thought : thoughtsOf(traces / learned))
                guesser.learn(encoded(thought, u"reasoning"_s));
        }
        guesser.forgetRareTokens();
        Size all;
        const QList<QJsonObject> thoughts = thoughtsOf(traces / "deepseek-r1.jsonl").first(10);
        for (const QJsonObject& thought : thoughts) {
            AnswerInProgress answer{MessageRow()};
            std::uint32_t index = 0;
            std::chrono::nanoseconds time = std::chrono::milliseconds(1500);
            for (const Phase phase : {Phase::Reasoning, Phase::Answer}) {
                const auto tokens
                    = encoded(thought, phase == Phase::Reasoning ? u"reasoning"_s : u"answer"_s);
                StreamDecoder decoder(*tokenizer);
                for (std::size_t at = 0; at < tokens.size(); ++at) {
                    TokenEvent event = guesser.guess(tokens, at, *tokenizer);
                    event.index = index++;
                    event.phase = phase;
                    event.ofThought = phase == Phase::Reasoning;
                    event.text = decoder.push(tokens[at]);
                    // About 18 tokens a second, none exactly as long as the one before.
                    event.time = time += std::chrono::microseconds(53'000 + index * 7919 % 5000);
                    (void)answer.take({event});
                }
            }
            Size size;
            const QByteArray statistics = answer.end(Finish{}).tokenStatistics;
            size.add(answer, statistics);
            all.add(answer, statistics);
            QVERIFY2(size.compressed < 1.3 * kMaxBytes * size.tokens,
                qPrintable(QString::number(size.compressed / size.tokens)));
        }
        all.print("Thoughts and answers of DeepSeek-R1, with guessed numbers");
        QVERIFY2(
            all.compressed < kMaxBytes * all.tokens, qPrintable(QString::number(all.compressed)));
    }
};

QTEST_GUILESS_MAIN(tst_TokenStatisticsSize)
#include "tst_TokenStatisticsSize.moc"
