#pragma once

#include <QChar>
#include <QList>
#include <QStringView>

#include <array>
#include <bitset>
#include <functional>

namespace ponder {

/// Which letters of a text no font of this computer has. A box stands in the place of each.
class MissingFonts {
public:
    enum class Kind {
        Emoji,
        EastAsian, ///< Chinese, Japanese, Korean
        Other, ///< any other script
    };

    /// `hasLetter`: some font has it; by default, as Qt finds fonts for the interface's.
    explicit MissingFonts(std::function<bool(char32_t)> hasLetter = {});

    /// Kinds that `text` needs and that are missing; each kind only once, and each script is asked for once.
    /// A text of the letters that Ponder's own fonts have costs a comparison a letter.
    [[nodiscard]] QList<Kind> look(QStringView text);

private:
    void lookAt(char32_t letter, QList<Kind>& found);

    std::function<bool(char32_t)> m_hasLetter;
    std::bitset<QChar::ScriptCount> m_known; ///< scripts that were asked for
    bool m_knowsEmoji = false;
    std::array<bool, 3> m_told = {};
};

} // namespace ponder
