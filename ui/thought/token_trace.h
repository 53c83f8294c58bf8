#pragma once

#include <QByteArray>
#include <QList>
#include <QObject>
#include <QString>
#include <QVariantList>
#include <QtQmlIntegration>

#include <memory>

#include "engine/reasoning/token_statistics.h"

namespace ponder {

/// One token of a thought, and where its text stands.
struct TracedToken {
    std::size_t index = 0; ///< in the statistics
    qsizetype begin = 0, end = 0; ///< UTF-16 units of the thought
    float entropy = 0; ///< nats
    float probability = 1;
    bool forking
        = false; ///< another token weighed nearly as much, and it was no matter of punctuation
};

struct TokenTraceData {
    TokenStatistics statistics;
    std::vector<TracedToken> tokens; ///< of the thought, in order
};

/// Places the tokens of an answer's statistics in its thought. Tokens without text are left out.
[[nodiscard]] TokenTraceData traceTokens(TokenStatistics statistics, const QString& thought);

/// How sure the model was of each token of one thought, from what was kept of it: no model is needed.
/// Belongs to the GUI thread; what takes long runs on another one.
class TokenTrace : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Owned by ThoughtViewModel")
    Q_PROPERTY(bool available READ isAvailable NOTIFY changed)
    Q_PROPERTY(int count READ count NOTIFY changed) ///< tokens

public:
    static constexpr int kLevels = 5; ///< colours, from sure to unsure

    using QObject::QObject;

    [[nodiscard]] bool isAvailable() const { return count() > 0; }
    [[nodiscard]] int count() const { return m_data ? int(m_data->tokens.size()) : 0; }
    [[nodiscard]] const TokenTraceData* data() const { return m_data.get(); }

    /// `encoded` as TokenStatistics::encode() gives it; empty or unreadable bytes clear the trace.
    void load(const QByteArray& encoded, const QString& thought);
    void clear();

    /// The text between two UTF-16 offsets as rich text: every token is a link, "token:7", of class t0 (sure) to t4, and
    /// f where it forks.
    Q_INVOKABLE [[nodiscard]] QString html(qsizetype begin, qsizetype end) const;
    /// The alternatives of a token, best first: [{"text", "probability", "chosen"}, …].
    Q_INVOKABLE [[nodiscard]] QVariantList alternatives(int token) const;
    Q_INVOKABLE [[nodiscard]] double entropy(int token) const;
    /// UTF-16 offset at which the token begins; -1 outside of the tokens.
    Q_INVOKABLE [[nodiscard]] qsizetype beginOf(int token) const;
    /// The next token (direction 1 or -1) from `token` that forks; -1: there is none.
    Q_INVOKABLE [[nodiscard]] int nextForking(int token, int direction) const;
    /// The thought up to the token, and then another text instead of it.
    Q_INVOKABLE [[nodiscard]] QString thoughtWith(int token, const QString& text) const;

    [[nodiscard]] static int levelOf(float entropy);

signals:
    void changed();

private:
    std::shared_ptr<const TokenTraceData> m_data;
    QString m_thought;
    int m_lastLoad = 0;
};

} // namespace ponder
