#include "ui/markdown/markdown_model.h"

#include "ui/markdown/block_parser.h"

namespace ponder {

namespace {

constexpr qsizetype kMaxReferences = 200; ///< that a message defines; further ones are only shown
constexpr int kBatch = 24; ///< what a view gets at once: so many paragraphs, or
constexpr int kHeavy = 6; ///< a block of code or a table for so many of them

static_assert(int(MarkdownModel::Rule) == int(MarkdownBlock::Rule));
static_assert(int(MarkdownModel::DoneTask) == int(MarkdownBlock::DoneTask));

bool isBox(MarkdownBlock::Type type)
{
    return type == MarkdownBlock::Code || type == MarkdownBlock::Table
        || type == MarkdownBlock::Math;
}

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
    compare(a.quoteLists == b.quoteLists, MarkdownModel::QuoteListsRole);
    compare(a.joinedQuotes == b.joinedQuotes, MarkdownModel::JoinedQuotesRole);
    compare(a.marker == b.marker, MarkdownModel::MarkerRole);
    compare(a.task == b.task, MarkdownModel::TaskRole);
    compare(a.continued == b.continued, MarkdownModel::ContinuedRole);
    compare(a.html == b.html, MarkdownModel::HtmlRole);
    compare(a.text == b.text, MarkdownModel::TextRole);
    compare(a.language == b.language, MarkdownModel::LanguageRole);
    compare(a.rightToLeft == b.rightToLeft, MarkdownModel::RightToLeftRole);
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
    case QuoteListsRole:
        return block.quoteLists;
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
    case RightToLeftRole:
        return block.rightToLeft;
    case AfterBoxRole:
        return index.row() > 0 && isBox(m_blocks.at(index.row() - 1).type);
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
        {QuoteListsRole, "quoteLists"},
        {JoinedQuotesRole, "joinedQuotes"},
        {MarkerRole, "marker"},
        {TaskRole, "task"},
        {ContinuedRole, "continued"},
        {HtmlRole, "html"},
        {TextRole, "text"},
        {LanguageRole, "language"},
        {RightToLeftRole, "rightToLeft"},
        {AfterBoxRole, "afterBox"},
    };
}

bool MarkdownModel::canFetchMore(const QModelIndex& parent) const
{
    return !parent.isValid() && m_shown < qMin(m_blocks.size(), m_limit);
}

void MarkdownModel::fetchMore(const QModelIndex& parent)
{
    if (canFetchMore(parent))
        show(nextBatch());
}

qsizetype MarkdownModel::nextBatch() const
{
    qsizetype rows = m_shown;
    for (int weight = 0; rows < qMin(m_blocks.size(), m_limit) && weight < kBatch; ++rows) {
        const MarkdownBlock::Type type = m_blocks.at(rows).type;
        const bool heavy = type == MarkdownBlock::Code || type == MarkdownBlock::Table;
        weight += heavy ? kHeavy : 1;
    }
    return rows;
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
    m_lastLine = m_lineBefore = 0;
    m_references.clear();
    m_defining.clear();
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
    // What a segment is depends on whole lines. So the last segment can still change, and those before it
    // where they begin with the line that was not complete, or with the line above: a table's header is
    // one once its second line is there.
    qsizetype kept = qMax(m_segments.size() - 1, qsizetype(0));
    while (kept > 0) {
        const SourceSegment& last = m_segments.at(kept).source;
        const bool insideOfLine = last.continued && last.begin > m_lastLine;
        if (last.begin < m_lineBefore || insideOfLine)
            break;
        --kept;
    }
    const bool fresh = m_segments.isEmpty();
    const SourceSegment first = fresh ? SourceSegment() : m_segments.at(kept).source;
    const SourceSegment* before = kept > 0 ? &m_segments.at(kept - 1).source : nullptr;
    const QList<SourceSegment> scanned
        = SegmentScanner::scan(m_utf8, fresh ? nullptr : &first, before);
    m_lastLine = m_utf8.lastIndexOf('\n') + 1;
    m_lineBefore = m_lastLine > 1 ? m_utf8.first(m_lastLine - 1).lastIndexOf('\n') + 1 : 0;

    QList<Segment> segments;
    for (const SourceSegment& source : scanned) {
        const QByteArrayView text
            = QByteArrayView(m_utf8).sliced(source.begin, source.end - source.begin);
        Segment segment{source, 0, {}, {}};
        if (source.kind == SourceSegment::Reference)
            segment.defines = referenceKey(Definition::of(SourceLine::at(text, 0)).label);
        if (source.kind != SourceSegment::Fence && source.kind != SourceSegment::IndentedCode)
            segment.labels = referencesIn(text);
        segments.append(segment);
    }
    const References references = definitions(kept, segments);
    QSet<QByteArray> changed;
    for (auto it = references.begin(); it != references.end(); ++it) {
        if (!m_references.contains(it.key()) || m_references.value(it.key()) != it.value())
            changed.insert(it.key());
    }
    for (auto it = m_references.begin(); it != m_references.end(); ++it) {
        if (!references.contains(it.key()))
            changed.insert(it.key());
    }
    m_references = references;
    if (!changed.isEmpty())
        parseAgain(changed, kept);

    qsizetype row = m_blocks.size();
    for (qsizetype i = kept; i < m_segments.size(); ++i)
        row -= m_segments.at(i).rows;
    QList<MarkdownBlock> rows;
    for (qsizetype i = 0; i < segments.size(); ++i) {
        Segment& segment = segments[i];
        const bool known = i == 0 && !fresh && m_segments.at(kept).source == segment.source
            && !segment.labels.intersects(changed);
        const QList<MarkdownBlock> parsed = known
            ? m_blocks.sliced(row, m_segments.at(kept).rows)
            : parseSegment(m_utf8, segment.source, m_references);
        segment.rows = int(parsed.size());
        rows += parsed;
    }
    while (!m_defining.isEmpty() && m_defining.last() >= kept)
        m_defining.removeLast();
    for (qsizetype i = 0; i < segments.size() && m_defining.size() < kMaxReferences; ++i) {
        if (!segments.at(i).defines.isEmpty())
            m_defining.append(kept + i);
    }
    m_segments.resize(kept);
    m_segments += segments;
    replaceRows(row, rows);
}

References MarkdownModel::definitions(qsizetype kept, const QList<Segment>& segments) const
{
    // The first definition of a label is the one.
    References references;
    const auto add = [&](const Segment& segment) {
        if (segment.defines.isEmpty() || references.size() >= kMaxReferences
            || references.contains(segment.defines))
            return;
        const Definition definition = Definition::of(SourceLine::at(m_utf8, segment.source.begin));
        references.insert(
            segment.defines, definition.isSure() ? definition.address.toByteArray() : QByteArray());
    };
    for (const qsizetype i : m_defining) {
        if (i < kept)
            add(m_segments.at(i));
    }
    for (const Segment& segment : segments)
        add(segment);
    return references;
}

void MarkdownModel::parseAgain(const QSet<QByteArray>& labels, qsizetype end)
{
    qsizetype row = 0;
    for (qsizetype i = 0; i < end; ++i) {
        Segment& segment = m_segments[i];
        const qsizetype next = row + segment.rows;
        if (segment.labels.intersects(labels)) {
            // What a segment defines changes nothing in how many blocks it is.
            const QList<MarkdownBlock> parsed = parseSegment(m_utf8, segment.source, m_references);
            for (qsizetype j = 0; j < qMin(parsed.size(), qsizetype(segment.rows)); ++j)
                replaceRow(row + j, parsed.at(j));
        }
        row = next;
    }
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
        replaceRow(row, rows.at(i));
    }
    if (allShown)
        show(nextBatch());
    if (hidden != hiddenCount())
        emit hiddenCountChanged();
}

void MarkdownModel::replaceRow(qsizetype row, const MarkdownBlock& block)
{
    const QList<int> roles = differences(m_blocks.at(row), block);
    if (roles.isEmpty())
        return;
    m_blocks[row] = block;
    if (row < m_shown)
        emit dataChanged(index(int(row)), index(int(row)), roles);
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

#include "moc_markdown_model.cpp"
