#include "ui/markdown/markdown_model.h"

#include "ui/markdown/block_parser.h"

namespace ponder {

namespace {

constexpr qsizetype kBatch = 40; ///< rows that a view gets at once

static_assert(int(MarkdownModel::Rule) == int(MarkdownBlock::Rule));
static_assert(int(MarkdownModel::DoneTask) == int(MarkdownBlock::DoneTask));

QList<int> differences(const MarkdownBlock& a, const MarkdownBlock& b)
{
    QList<int> roles;
    const auto compare = [&](bool same, int role) {
        if (!same)
            roles.append(role);
    };
    compare(a.type == b.type, MarkdownModel::TypeRole);
    compare(a.level == b.level, MarkdownModel::LevelRole);
    compare(a.listDepth == b.listDepth, MarkdownModel::ListDepthRole);
    compare(a.quoteDepth == b.quoteDepth, MarkdownModel::QuoteDepthRole);
    compare(a.joinedQuotes == b.joinedQuotes, MarkdownModel::JoinedQuotesRole);
    compare(a.marker == b.marker, MarkdownModel::MarkerRole);
    compare(a.task == b.task, MarkdownModel::TaskRole);
    compare(a.continued == b.continued, MarkdownModel::ContinuedRole);
    compare(a.html == b.html, MarkdownModel::HtmlRole);
    compare(a.text == b.text, MarkdownModel::TextRole);
    compare(a.language == b.language, MarkdownModel::LanguageRole);
    return roles;
}

} // namespace

MarkdownModel::MarkdownModel(QObject* parent)
    : QAbstractListModel(parent)
    , m_encoder(QStringEncoder::Utf8)
{
}

int MarkdownModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : count();
}

QVariant MarkdownModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const MarkdownBlock& block = m_blocks.at(index.row());
    switch (role) {
    case TypeRole:
        return int(block.type);
    case LevelRole:
        return block.level;
    case ListDepthRole:
        return block.listDepth;
    case QuoteDepthRole:
        return block.quoteDepth;
    case JoinedQuotesRole:
        return block.joinedQuotes;
    case MarkerRole:
        return block.marker;
    case TaskRole:
        return int(block.task);
    case ContinuedRole:
        return block.continued;
    case HtmlRole:
        return block.html;
    case Qt::DisplayRole:
    case TextRole:
        return block.text;
    case LanguageRole:
        return block.language;
    default:
        return {};
    }
}

QHash<int, QByteArray> MarkdownModel::roleNames() const
{
    return {
        {TypeRole, "type"},
        {LevelRole, "level"},
        {ListDepthRole, "listDepth"},
        {QuoteDepthRole, "quoteDepth"},
        {JoinedQuotesRole, "joinedQuotes"},
        {MarkerRole, "marker"},
        {TaskRole, "task"},
        {ContinuedRole, "continued"},
        {HtmlRole, "html"},
        {TextRole, "text"},
        {LanguageRole, "language"},
    };
}

bool MarkdownModel::canFetchMore(const QModelIndex& parent) const
{
    return !parent.isValid() && m_shown < qMin(m_blocks.size(), m_limit);
}

void MarkdownModel::fetchMore(const QModelIndex& parent)
{
    if (canFetchMore(parent))
        show(qMin(m_shown + kBatch, qMin(m_blocks.size(), m_limit)));
}

void MarkdownModel::setLimit(int limit)
{
    if (limit == m_limit)
        return;
    m_limit = limit;
    emit limitChanged();
    emit hiddenCountChanged();
    fetchMore({});
}

int MarkdownModel::hiddenCount() const
{
    return int(qMax(m_blocks.size() - m_limit, qsizetype(0)));
}

void MarkdownModel::setSource(const QString& source)
{
    if (source == m_source)
        return;
    if (!m_source.isEmpty() && source.startsWith(m_source)) {
        append(source.sliced(m_source.size()));
        return;
    }
    clear();
    append(source);
}

void MarkdownModel::append(const QString& text)
{
    if (text.isEmpty())
        return;
    m_source += text;
    m_utf8 += QByteArray(m_encoder.encode(text));
    parse();
    emit sourceChanged();
}

void MarkdownModel::clear()
{
    if (m_source.isEmpty())
        return;
    beginResetModel();
    m_source.clear();
    m_utf8.clear();
    m_encoder.resetState();
    m_lastLine = 0;
    m_segments.clear();
    m_blocks.clear();
    m_shown = 0;
    endResetModel();
    emit sourceChanged();
    emit countChanged();
    emit hiddenCountChanged();
}

void MarkdownModel::parse()
{
    // What a segment is depends on whole lines. So the last segment can still change, and the one
    // before it where the last began with the line that was not complete.
    qsizetype kept = qMax(m_segments.size() - 1, qsizetype(0));
    if (kept > 0) {
        const SourceSegment& last = m_segments.at(kept).source;
        const bool insideOfLine = last.continued && last.begin > m_lastLine;
        if (last.begin >= m_lastLine && !insideOfLine)
            --kept;
    }
    const bool fresh = m_segments.isEmpty();
    const SourceSegment first = fresh ? SourceSegment() : m_segments.at(kept).source;
    const SourceSegment* before = kept > 0 ? &m_segments.at(kept - 1).source : nullptr;
    const QList<SourceSegment> scanned
        = SegmentScanner::scan(m_utf8, fresh ? nullptr : &first, before);
    m_lastLine = m_utf8.lastIndexOf('\n') + 1;

    qsizetype row = m_blocks.size();
    for (qsizetype i = kept; i < m_segments.size(); ++i)
        row -= m_segments.at(i).rows;
    QList<MarkdownBlock> rows;
    QList<Segment> segments;
    for (const SourceSegment& segment : scanned) {
        const bool known = segments.isEmpty() && !fresh && m_segments.at(kept).source == segment;
        const QList<MarkdownBlock> parsed = known ? m_blocks.sliced(row, m_segments.at(kept).rows)
                                                  : parseSegment(m_utf8, segment);
        segments.append({segment, int(parsed.size())});
        rows += parsed;
    }
    m_segments.resize(kept);
    m_segments += segments;
    replaceRows(row, rows);
}

void MarkdownModel::replaceRows(qsizetype first, const QList<MarkdownBlock>& rows)
{
    const int hidden = hiddenCount();
    const qsizetype total = first + rows.size();
    const bool allShown = m_shown >= qMin(m_blocks.size(), m_limit);
    if (total < m_shown) {
        beginRemoveRows({}, int(total), int(m_shown - 1));
        m_blocks.resize(total);
        m_shown = total;
        endRemoveRows();
        emit countChanged();
    } else if (total < m_blocks.size()) {
        m_blocks.resize(total);
    }
    for (qsizetype i = 0; i < rows.size(); ++i) {
        const qsizetype row = first + i;
        if (row == m_blocks.size()) {
            m_blocks += rows.sliced(i);
            break;
        }
        const QList<int> roles = differences(m_blocks.at(row), rows.at(i));
        if (roles.isEmpty())
            continue;
        m_blocks[row] = rows.at(i);
        if (row < m_shown)
            emit dataChanged(index(int(row)), index(int(row)), roles);
    }
    if (allShown)
        show(qMin(m_shown + kBatch, qMin(m_blocks.size(), m_limit)));
    if (hidden != hiddenCount())
        emit hiddenCountChanged();
}

void MarkdownModel::show(qsizetype rows)
{
    if (rows <= m_shown)
        return;
    beginInsertRows({}, int(m_shown), int(rows - 1));
    m_shown = rows;
    endInsertRows();
    emit countChanged();
}

} // namespace ponder
