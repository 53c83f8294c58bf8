pragma ComponentBehavior: Bound

import QtQuick
import Ponder.Theme

// A table, selectable as one text. Columns are as wide as their longest word at least; what is then
// wider than the page moves sideways.
SideScroller {
    id: root

    property alias html: columns.html
    property string plain
    property bool rightToLeft: false
    property color color: Theme.ink

    signal linkChosen(string address, point place)

    implicitHeight: table.height + (wide ? Metrics.m : 0)
    contentWidth: Math.max(width, columns.width)
    contentHeight: table.height
    Component.onCompleted: if (rightToLeft)
        contentX = Qt.binding(() => Math.max(0, contentWidth - width))
    onMovementStarted: contentX = contentX // where the reader put it

    TableColumns {
        id: columns

        available: root.width
        family: Typography.sans
        mono: Typography.mono
        pixelSize: table.fontSize
        monoPixelSize: Math.round(table.fontSize * 0.9)
        padding: 22
        rightToLeft: root.rightToLeft
    }

    TableRows {
        id: rows

        document: table.textDocument
        mirrored: root.rightToLeft
    }

    Repeater {
        model: rows.bottoms

        Rectangle {
            required property int index
            required property double modelData

            x: table.x
            y: modelData
            width: columns.width
            height: Metrics.hair
            color: index === 0 ? Theme.line : Theme.hairline
        }
    }

    RichText {
        id: table

        x: root.rightToLeft ? root.contentWidth - width : 0
        width: columns.width
        html: columns.sized
        plain: root.plain
        color: root.color
        fontSize: Typography.ui
        lineHeight: Typography.denseLineHeight
        tabular: true
        extraStyle: root.rightToLeft ? "th { font-weight: 600; padding: 6px 2px 6px 20px; color: " + Theme.inkSoft + "; } td { padding: 6px 2px 6px 20px; }" : "th { font-weight: 600; padding: 6px 20px 6px 2px; color: " + Theme.inkSoft + "; } td { padding: 6px 20px 6px 2px; }"
        Accessible.role: Accessible.Table
        onLinkChosen: (address, place) => root.linkChosen(address, place)
        Keys.onPressed: event => {
            // Cells are copied as rows, with tabs between them.
            if (!event.matches(StandardKey.Copy))
                return;
            const cells = rows.rowsBetween(selectionStart, selectionEnd);
            if (cells === "")
                return;
            clipboard.text = cells;
            clipboard.selectAll();
            clipboard.copy();
            clipboard.clear();
            event.accepted = true;
        }
    }

    TextEdit {
        id: clipboard

        visible: false
        textFormat: TextEdit.PlainText
    }
}
