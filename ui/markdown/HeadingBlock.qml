import QtQuick
import Ponder.Theme

// A heading of level 1 to 6.
RichText {
    property int level: 1

    fontSize: Typography.heading(level)
    lineHeight: 1.05
    font.weight: Font.DemiBold
    font.letterSpacing: level <= 2 ? -0.3 : 0
    Accessible.role: Accessible.Heading
}
