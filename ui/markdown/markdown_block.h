#pragma once

#include <QString>

namespace ponder {

/// One block of a message, as a row of MarkdownModel. Lists and quotes are flat: a block knows how deep
/// it stands in them.
struct MarkdownBlock {
    enum Type { Paragraph, Heading, Table, Code, Math, Rule };
    enum Task { NoTask, OpenTask, DoneTask };

    Type type = Paragraph;
    int level = 0; ///< of a heading, 1 to 6
    int listDepth = 0; ///< 0 outside of lists, 1 in the outermost
    int quoteDepth = 0; ///< 0 outside of quotes
    int quoteLists = 0; ///< lists that the outermost of the quotes stands in
    int joinedQuotes = 0; ///< quotes of the block before that go on in this one
    QString marker; ///< "•" or "3." on the first block of a list item, else empty
    Task task = NoTask;
    bool continued = false; ///< goes on with the paragraph before: no space between them
    bool rightToLeft = false; ///< of code: where the text beside it is
    QString
        html; ///< safe rich text (Qt's subset) of paragraphs, headings and tables; empty otherwise
    QString text; ///< the same without mark-up; the source of code and mathematics
    QString language; ///< of code, as written after the fence

    friend bool operator==(const MarkdownBlock&, const MarkdownBlock&) = default;
};

} // namespace ponder
