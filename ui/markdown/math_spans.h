#pragma once

#include <QByteArrayView>

namespace ponder {

/// Finds the formulas in a text: \(…\), \[…\], $$…$$, and $…$ where it is one. A dollar is also a price and
/// a variable, so it opens a formula only if the next dollar closes it (no space inside of the two, no
/// letter or digit around them) and what is between looks like mathematics and not like words.
class FormulaFinder {
public:
    explicit FormulaFinder(QByteArrayView text)
        : m_text(text)
    {
    }

    /// Where the formula that begins at `at` ends; `at` if none does. Asked for in order.
    [[nodiscard]] qsizetype end(qsizetype at);

private:
    struct Found {
        QByteArrayView what;
        qsizetype next
            = -1; ///< where it is found from the last place on; the text's size if nowhere
    };

    [[nodiscard]] qsizetype find(Found& found, qsizetype from) const;
    [[nodiscard]] qsizetype dollarEnd(qsizetype at);

    QByteArrayView m_text;
    Found m_round{"\\)"};
    Found m_square{"\\]"};
    Found m_dollars{"$$"};
    Found m_dollar{"$"};
    Found m_blankLine{"\n\n"};
};

/// The source of a block that is one display formula, \[…\] or $$…$$, without its delimiters; null if
/// it is none.
[[nodiscard]] QByteArrayView displayMath(QByteArrayView block);

} // namespace ponder
