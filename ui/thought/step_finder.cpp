#include "ui/thought/step_finder.h"

namespace ponder {

QList<qsizetype> StepFinder::advance(const QString& text)
{
    QList<qsizetype> begins;
    const auto begin = [&](qsizetype offset) {
        begins.append(offset);
        m_step = offset;
        m_settled = true;
    };
    for (;;) {
        const qsizetype newline = text.indexOf(u'\n', m_line);
        const bool complete = newline >= 0;
        const qsizetype end = complete ? newline : text.size();
        const QStringView line = QStringView(text).sliced(m_line, end - m_line);
        const QStringView words = line.trimmed();
        if (!m_settled && !words.isEmpty()) {
            const bool tooLong = m_step >= 0 && m_line - m_step > kLongestStep;
            if (m_step < 0 || tooLong || (!m_inFence && m_blankBefore)) {
                begin(m_line + (words.begin() - line.begin()));
            } else if (!m_inFence) {
                const Start start = startsItem(line, complete);
                if (start == Start::Yes)
                    begin(m_line);
                m_settled = start != Start::Unsettled;
            }
        }
        // A line without end is cut at a space, so that no step is too long to lay out at once.
        while (m_step >= 0 && end - m_step > 2 * kLongestStep) {
            const qsizetype space = text.indexOf(u' ', m_step + kLongestStep);
            const bool found = space >= 0 && space < m_step + 2 * kLongestStep;
            qsizetype cut = found ? space + 1 : m_step + 2 * kLongestStep;
            if (!found && text.at(cut).isLowSurrogate())
                --cut;
            begin(cut);
        }
        if (!complete)
            return begins;
        if (words.startsWith(u"```") || words.startsWith(u"~~~"))
            m_inFence = !m_inFence;
        m_blankBefore = words.isEmpty();
        m_settled = false;
        m_line = newline + 1;
    }
}

StepFinder::Start StepFinder::startsItem(QStringView line, bool complete) const
{
    const Start tooShort = complete ? Start::No : Start::Unsettled;
    if (line.isEmpty())
        return tooShort;
    const QChar first = line.front();
    qsizetype at = 1;
    if (first == u'-' || first == u'*' || first == u'\u2022') {
        // The mark itself is enough.
    } else if (first.isDigit()) {
        while (at < line.size() && line.at(at).isDigit() && at < 4)
            ++at;
        if (at == line.size())
            return tooShort;
        if (line.at(at) != u'.' && line.at(at) != u')')
            return Start::No;
        ++at;
    } else {
        constexpr QStringView kStep = u"Step ";
        if (line.size() <= kStep.size())
            return kStep.startsWith(line) ? tooShort : Start::No;
        return line.startsWith(kStep) && line.at(kStep.size()).isDigit() ? Start::Yes : Start::No;
    }
    if (at == line.size())
        return tooShort;
    return line.at(at).isSpace() ? Start::Yes : Start::No;
}

} // namespace ponder
