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
    property bool tabular: false // figures all of one width

    signal linkChosen(string address, point place)

    // Qt's rich text knows a small part of CSS 2.1.
    readonly property string style: "a { color: " + Theme.accent + "; } b { font-weight: 600; }" + ".mark { background-color: " + Theme.warningTint + "; } code, .math { font-family: '" + Typography.mono + "'; font-size: " + Math.round(fontSize * 0.9) + "px; background-color: " + codeGround + "; white-space: pre-wrap; }" + ".math { color: " + Theme.thoughtAccent + "; }" + ".image { color: " + Theme.inkFaint + "; }" + extraStyle

    text: "<style>" + style + "</style><div" + (rightToLeft ? " dir=\"rtl\"" : "") + " style=\"line-height: " + Math.round(lineHeight * 100) + "%\">" + html + "</div>"
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
        visible: root.hoveredLink !== ""
        x: hover.point.position.x
        y: hover.point.position.y - implicitHeight - Metrics.s
    }
}
