#pragma once

#include <QAbstractListModel>
#include <QDateTime>
#include <QJsonArray>
#include <QString>
#include <QtQmlIntegration>

#include "ui/thought/step_begins.h"

namespace ponder {

/// One message of the branch on the screen, as the window shows it.
struct MessageRow {
    enum class Author { Person, Model };
    enum class State {
        Complete,
        Waiting, ///< asked, the model is reading the conversation
        Thinking, ///< the thought is growing
        Answering, ///< the answer is growing
        Interrupted, ///< stopped by the person or by the end of the process
        Failed, ///< the engine gave up; notice says why
    };
    /// What would help an answer that ended early, beside going on and trying again.
    enum class Remedy {
        None,
        LongerAnswer, ///< the settings limit it
        MoreContext, ///< it is full
        ShorterQuestion, ///< the question does not fit the context
        OtherSystemPrompt, ///< the model takes none
        Processor, ///< the GPU was lost
    };

    qint64 id = 0; ///< the storage's id; 0 while it is not stored yet
    qint64 parentId = 0; ///< 0 for the first message of a conversation
    Author author = Author::Person;
    State state = State::Complete;
    QString text; ///< question or answer, Markdown
    QString thought; ///< reasoning, apart from the answer; empty when there was none
    double thoughtSeconds = 0;
    int thoughtTokens = 0;
    QJsonArray steps; ///< of a thought that is over, as StepListModel::records() describes them
    int tokens = 0; ///< reasoning and answer together
    double tokensPerSecond = 0;
    QString modelName;
    int contextTokens = 0; ///< of the conversation with this answer; 0 where it is not known
    QString finishReason; ///< as finishReasonOf() writes it; empty while it grows, and after a kill
    QString notice; ///< a sentence under the message: why it failed or ended early
    QString noticeDetails; ///< for finding the cause; mostly empty
    bool canGoOn = false; ///< it ended early: the same answer can go on where it ended
    bool canTryAgain = false; ///< it ended early, and another answer may do better
    Remedy remedy = Remedy::None;
    int siblingIndex = 0; ///< which of its siblings this is, from 0
    int siblingCount = 1;
    QDateTime createdAt;

    [[nodiscard]] bool isGrowing() const
    {
        return state == State::Waiting || state == State::Thinking || state == State::Answering;
    }
};

/// What one frame's worth of tokens adds to the last message.
struct MessageGrowth {
    QString thought;
    QList<StepBegin> steps; ///< that begin in `thought`
    QString text;
    bool replaces = false; ///< thought and text stand in place of what there was
    MessageRow::State state = MessageRow::State::Waiting;
    double thoughtSeconds = 0;
    int thoughtTokens = 0;
    int tokens = 0;
    double tokensPerSecond = 0;
};

/// The messages of one conversation, along the branch that is shown, oldest first.
/// While an answer streams only the last row changes, once for each call of growLast.
///
/// Text that grows is not announced as a role: a view appends what grown() brings, and reads it again after rewritten().
/// Text that does not grow can be bound to its role. Belongs to the GUI thread.
class MessageListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Owned by ChatViewModel")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Role {
        MessageIdRole = Qt::UserRole + 1,
        AuthorRole,
        StateRole,
        TextRole, ///< question or answer; not announced where it grows
        BeginningRole, ///< its first characters, kBeginning at most
        HasTextRole, ///< bool: there is more than white space in it
        ThoughtRole, ///< not announced where it grows
        ThoughtSecondsRole,
        ThoughtTokensRole,
        StepsRole,
        TokensRole,
        TokensPerSecondRole,
        ModelNameRole,
        NoticeRole,
        NoticeDetailsRole,
        CanGoOnRole,
        CanTryAgainRole,
        RemedyRole,
        ContextTokensRole,
        SiblingIndexRole,
        SiblingCountRole,
        CreatedAtRole,
    };
    Q_ENUM(Role)

    /// For QML: who wrote a message (the values of MessageRow::Author).
    enum Author { Person, Model };
    Q_ENUM(Author)

    /// For QML: how far a message is (the values of MessageRow::State).
    enum State { Complete, Waiting, Thinking, Answering, Interrupted, Failed };
    Q_ENUM(State)

    /// For QML: what would help (the values of MessageRow::Remedy).
    enum Remedy {
        NoRemedy,
        LongerAnswer,
        MoreContext,
        ShorterQuestion,
        OtherSystemPrompt,
        Processor,
    };
    Q_ENUM(Remedy)

    static constexpr qsizetype kBeginning = 200;

    explicit MessageListModel(QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

    [[nodiscard]] int count() const { return int(m_rows.size()); }
    [[nodiscard]] const QList<MessageRow>& rows() const { return m_rows; }
    /// Precondition: 0 <= row < count().
    [[nodiscard]] const MessageRow& at(int row) const { return m_rows.at(row); }

    /// For QML: the whole text and thought as they are now; empty outside of the rows.
    Q_INVOKABLE [[nodiscard]] QString textOf(int row) const;
    Q_INVOKABLE [[nodiscard]] QString thoughtOf(int row) const;

    /// Shows another branch. Rows that both branches share at the front stay as they are, so that
    /// the view does not jump when only the end differs.
    void setRows(QList<MessageRow> rows);
    void append(MessageRow row);
    /// Replaces a row; the roles that differ are announced. Precondition: 0 <= row < count().
    void update(int row, const MessageRow& value);
    /// Adds what one frame brought to the last message. Precondition: count() > 0.
    void growLast(const MessageGrowth& growth);

signals:
    void countChanged();
    /// What is new of a message; already a part of what textOf() and thoughtOf() give. `steps` begin in `thought`.
    void grown(int row, const QString& thought, const QList<ponder::StepBegin>& steps,
        const QString& text);
    /// Another text or thought stands in place of a message's.
    void rewritten(int row);

private:
    QList<MessageRow> m_rows;
};

} // namespace ponder
