import QtQuick
import Ponder.Theme

// Selectable text with our few tags, styled by the theme. Its links only say that they were chosen.
TextEdit {
    id: root

    property string html
    property string plain
    property real fontSize: Typography.body
    property real lineHeight: Typography.readingLineHeight
    property string extraStyle
    property bool rightToLeft: false
    property color codeGround: Theme.sunken
    property bool tellsLinks: true // the address of a link under the pointer is shown
    property bool tabular: false // figures all of one width

    signal linkChosen(string address, point place)

    // Qt's rich text knows a small part of CSS 2.1.
    readonly property string style: "a { color: " + Theme.accent + "; } b { font-weight: 600; }" + ".mark { background-color: " + Theme.warningTint + "; } code, .math { font-family: '" + Typography.mono + "'; font-size: " + Math.round(fontSize * 0.9) + "px; background-color: " + codeGround + "; white-space: pre-wrap; }" + ".math { color: " + Theme.thoughtAccent + "; }" + ".image { color: " + Theme.inkFaint + "; } .emoji { font-family: 'Noto Color Emoji', 'emoji'; }" + extraStyle

    // A sign that U+FE0F asks to be an emoji, a keycap, and what is joined to them, outside of tags.
    readonly property var emojiOrTag: /<[^>]*>|(?:[0-9#*]\uFE0F?\u20E3|(?:[\u00A9\u00AE\u203C-\u3299]|[\u{1F000}-\u{1FAFF}])[\u{1F3FB}-\u{1F3FF}]?\uFE0F?(?:\u200D(?:[\u203C-\u3299]|[\u{1F000}-\u{1FAFF}])[\u{1F3FB}-\u{1F3FF}]?\uFE0F?)*)/gu

    // Qt takes a letter from the first font that has it, and Inter has digits and hearts: so the font for emoji
    // is named around those, or they would be drawn in ink, and a keycap in two pieces.
    function withEmoji(words: string): string {
        if (!/[\uFE0F\u20E3]/.test(words))
            return words;
        return words.replace(emojiOrTag, found => /[\uFE0F\u20E3]/.test(found) && found[0] !== "<" ? "<span class=\"emoji\">" + found + "</span>" : found);
    }

    // Code among words that are written from right to left keeps its own direction: "code()", not "()code".
    function withCodeApart(words: string): string {
        return rightToLeft ? words.replace(/<code>[^]*?<\/code>/g, "\u2066$&\u2069") : words;
    }

    text: "<style>" + style + "</style><div" + (rightToLeft ? " dir=\"rtl\"" : "") + " style=\"line-height: " + Math.round(lineHeight * 100) + "%\">" + withCodeApart(withEmoji(html)) + "</div>"
    textFormat: TextEdit.RichText
    readOnly: true
    selectByMouse: true
    wrapMode: TextEdit.Wrap
    color: Theme.ink
    selectionColor: Theme.selection
    selectedTextColor: Theme.ink
    font.family: Typography.sans
    font.pixelSize: fontSize
    font.hintingPreference: Font.PreferNoHinting
    font.features: tabular ? Typography.tabular : Typography.literal
    Accessible.role: Accessible.StaticText
    Accessible.name: plain
    onLinkActivated: link => linkChosen(link, Qt.point(hover.point.position.x, hover.point.position.y))

    HoverHandler {
        id: hover

        cursorShape: root.hoveredLink !== "" ? Qt.PointingHandCursor : Qt.IBeamCursor
    }

    PToolTip {
        text: root.hoveredLink
        visible: root.tellsLinks && root.hoveredLink !== ""
        x: hover.point.position.x
        y: hover.point.position.y - implicitHeight - Metrics.s
    }
}
