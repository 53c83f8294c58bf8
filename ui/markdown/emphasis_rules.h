#pragma once

#include <QByteArrayView>

namespace ponder {

/// What a run of stars or tildes means where CommonMark's rule is not what models mean:
///
/// - Chinese, Japanese and Korean have no spaces, and CommonMark takes a mark beside their punctuation for
///   text: "**注意：**请". The rule is that of "A specification to make CommonMark friendly to CJK" (tats-u).
///   What two stars mean depends on whether some are open already, so "**Note:**text" is bold, too.
/// - A star between two operands without spaces is a times sign ("2*3*4", "a*b*c", "(x+1)*y*2"), and two
///   stars beside a digit a power ("x**2"). A word whose first star opens ("*un*happy") is not one.
/// - Stars of paths and comments ("src/**/*.js", "/* x */") are text.
/// - One tilde is "about" ("3~5"), two strike out.
class EmphasisRules {
public:
    enum Verdict {
        Leave, ///< md4c's rule is right
        Literal, ///< text
        Open, ///< begins, never ends
        Close, ///< ends, never begins
    };

    explicit EmphasisRules(QByteArrayView text)
        : m_text(text)
    {
    }

    /// The run of `length` equal marks, '*' or '~', at `at`. Runs are asked for in order.
    [[nodiscard]] Verdict verdict(qsizetype at, qsizetype length);
    /// A paragraph ends: nothing stays open.
    void endParagraph() { m_openStrong = m_openEmphasis = m_openStrike = false; }

private:
    [[nodiscard]] Verdict starVerdict(qsizetype at, qsizetype length);
    [[nodiscard]] Verdict strikeVerdict(qsizetype at);
    [[nodiscard]] bool isOperator(qsizetype at, qsizetype length);
    /// Whether a run before `at`, in the same stretch without spaces, can only open.
    [[nodiscard]] bool opensBefore(qsizetype at, qsizetype length);
    /// Whether the next run of two stars in the paragraph can only close.
    [[nodiscard]] bool closesNext(qsizetype at) const;

    QByteArrayView m_text;
    bool m_openStrong = false;
    bool m_openEmphasis = false;
    bool m_openStrike = false;
    qsizetype m_wordEnd = -1; ///< of the stretch that was looked at last
    qsizetype m_firstRun = -1; ///< its first run that can only open, of one star and of two
    qsizetype m_firstStrong = -1;
};

} // namespace ponder
