#include "storage/conversations/message_parts.h"

#include "storage/database/compression.h"
#include "storage/database/sqlite.h"
#include "storage/database/translate.h"

#include <algorithm>

namespace ponder::storage {

namespace {

const QString kBetweenTexts = QStringLiteral("\n\n");
const QString kText = QStringLiteral("text");
const QString kFile = QStringLiteral("file");

bool isText(const MessagePart& part)
{
    return part.kind == MessagePart::Kind::Text;
}

Result<AttachmentId> insertAttachment(
    Connection& connection, MessageId message, const Attachment& file)
{
    return connection
        .run("INSERT INTO attachments (message, name, media_type, size, created, zstd) "
             "VALUES (?, ?, ?, ?, ?, ?)",
            message, file.name, file.mediaType, qint64(file.bytes.size()),
            QDateTime::currentDateTime(), compress(file.bytes))
        .map([&] { return connection.lastInsertId(); });
}

Result<void> insertPart(Connection& connection, MessageId message, int place, bool text,
    qint64 length, AttachmentId attachment)
{
    return connection.run("INSERT INTO parts (message, place, kind, length, attachment) "
                          "VALUES (?, ?, ?, ?, nullif(?, 0))",
        message, place, text ? kText : kFile, length, attachment);
}

/// Takes a message's text apart, row by row of its parts.
class PartReader {
public:
    explicit PartReader(Message& message)
        : m_message(message)
    {
    }

    void addText(qint64 length)
    {
        if (m_at > 0)
            m_at = std::min(m_at + kBetweenTexts.size(), m_message.text.size());
        const qsizetype size = std::clamp<qint64>(length, 0, m_message.text.size() - m_at);
        m_lastText = m_message.parts.size();
        m_message.parts.append(textPart(m_message.text.sliced(m_at, size)));
        m_at += size;
    }

    void addFile(const Attachment& file)
    {
        m_message.parts.append({MessagePart::Kind::File, {}, file});
    }

    /// The text that is left belongs to the last text part.
    void finish()
    {
        if (m_at == m_message.text.size())
            return;
        if (m_lastText < 0)
            m_message.parts.prepend(textPart(m_message.text));
        else
            m_message.parts[m_lastText].text += m_message.text.sliced(m_at);
    }

private:
    Message& m_message;
    qsizetype m_at = 0; ///< where the text goes on that no part has yet
    qsizetype m_lastText = -1;
};

Result<void> readPartsOf(Connection& connection, Message& message)
{
    Query rows(connection,
        "SELECT p.kind, p.length, a.id, a.name, a.media_type, a.size, a.created "
        "FROM parts p LEFT JOIN attachments a ON a.id = p.attachment "
        "WHERE p.message = ? ORDER BY p.place, p.id",
        message.id);
    PartReader reader(message);
    while (rows.next()) {
        if (rows.text(0) == kText)
            reader.addText(rows.number(1));
        else
            reader.addFile(
                {rows.number(2), rows.text(3), rows.text(4), rows.number(5), rows.time(6), {}});
    }
    if (rows.failed())
        return rows.failure();
    reader.finish();
    return {};
}

} // namespace

QString textOf(const QList<MessagePart>& parts)
{
    QStringList texts;
    for (const MessagePart& part : parts) {
        if (isText(part))
            texts.append(part.text);
    }
    return texts.join(kBetweenTexts);
}

Result<void> insertParts(Connection& connection, MessageId message, const QList<MessagePart>& parts)
{
    if (parts.isEmpty() || (parts.size() == 1 && isText(parts.first())))
        return {};
    for (qsizetype place = 0; place < parts.size(); ++place) {
        const MessagePart& part = parts[place];
        Result<AttachmentId> attachment = 0;
        if (!isText(part))
            attachment = insertAttachment(connection, message, part.file);
        if (!attachment)
            return tl::unexpected(attachment.error());
        if (auto inserted = insertPart(
                connection, message, int(place), isText(part), part.text.size(), *attachment);
            !inserted)
            return inserted;
    }
    return {};
}

Result<void> readParts(Connection& connection, QList<Message>& messages)
{
    for (Message& message : messages) {
        if (auto read = readPartsOf(connection, message); !read)
            return read;
    }
    return {};
}

Result<QByteArray> readAttachment(Connection& connection, AttachmentId id)
{
    Query row(connection, "SELECT zstd, name FROM attachments WHERE id = ?", id);
    if (row.next()) {
        auto bytes = decompress(row.bytes(0));
        if (!bytes)
            bytes.error().message
                = tr("The attached file “%1” is damaged and cannot be read.").arg(row.text(1));
        return bytes;
    }
    if (row.failed())
        return row.failure();
    return fail(
        ErrorCode::NotFound, tr("This attached file is not there any more."), QString::number(id));
}

} // namespace ponder::storage
