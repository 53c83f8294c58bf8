pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// A table, selectable as one text; wider ones scroll.
Flickable {
    id: root

    property alias html: table.html
    property alias plain: table.plain
    property color color: Theme.ink

    signal linkChosen(string address, point place)

    implicitHeight: table.height + (contentWidth > width ? Metrics.m : 0)
    contentWidth: Math.max(width, table.width)
    contentHeight: table.height
    clip: contentWidth > width
    boundsBehavior: Flickable.StopAtBounds
    flickableDirection: Flickable.HorizontalFlick
    interactive: contentWidth > width

    T.ScrollBar.horizontal: PScrollBar {}

    TableRows {
        id: rows
        document: table.textDocument
    }

    Repeater {
        model: rows.bottoms

        Rectangle {
            required property int index
            required property double modelData

            y: modelData
            width: table.implicitWidth
            height: Metrics.hair
            color: index === 0 ? Theme.line : Theme.hairline
        }
    }

    RichText {
        id: table

        width: Math.min(implicitWidth, Math.max(root.width, 560))
        color: root.color
        fontSize: Typography.ui
        lineHeight: Typography.denseLineHeight
        extraStyle: "th { font-weight: 600; padding: 6px 20px 6px 2px; color: " + Theme.inkSoft + "; }" + "td { padding: 6px 20px 6px 2px; }"
        Accessible.role: Accessible.Table
        onLinkChosen: (address, place) => root.linkChosen(address, place)
    }
}
