pragma ComponentBehavior: Bound

import QtQuick
import Ponder.Theme

// Code with the name of its language, highlighted, and a button that copies it.
Rectangle {
    id: root

    property string text
    property string language

    readonly property alias copied: confirmation.running

    function copy() {
        clipboard.text = text;
        clipboard.selectAll();
        clipboard.copy();
        clipboard.clear();
        confirmation.restart();
    }

    implicitHeight: header.height + scroller.height
    color: Theme.sunken
    radius: Metrics.radius
    border.width: Metrics.hair
    border.color: Theme.hairline
    Accessible.role: Accessible.Grouping
    Accessible.name: filler.languageName === "" ? qsTr("Code") : qsTr("Code in %1").arg(filler.languageName)

    CodeDocument {
        id: filler

        document: code.textDocument
        languages: CodeLanguages
        text: root.text
        language: root.language
        dark: Theme.dark
        margin: Metrics.m + Metrics.xxs
        scroller: scroller
    }

    Item {
        id: header

        width: parent.width
        height: Metrics.control

        PText {
            id: name

            x: Metrics.m + Metrics.xxs
            anchors.verticalCenter: parent.verticalCenter
            text: filler.languageName === "" ? qsTr("Text") : filler.languageName
            color: Theme.inkFaint
            font.pixelSize: Typography.caption
            font.weight: Font.Medium
        }

        PIconButton {
            anchors.right: parent.right
            anchors.rightMargin: 3
            anchors.verticalCenter: parent.verticalCenter
            small: true
            iconPath: root.copied ? Icons.check : Icons.copy
            iconColor: root.copied ? Theme.success : Theme.inkFaint
            text: root.copied ? qsTr("Copied") : qsTr("Copy code")
            onClicked: root.copy()
        }
    }

    SideScroller {
        id: scroller

        y: header.height
        width: parent.width
        height: code.contentHeight * (1 + filler.missingLines / code.lineCount) + Metrics.m
        contentWidth: Math.max(width, code.contentWidth)
        contentHeight: height
        ground: root.color

        TextEdit {
            id: code

            // Wider than the code, and in large steps: with each change of its width, and with each line if
            // it had a padding at its sides, Qt Quick would lay out all of the code again.
            width: Math.pow(2, Math.ceil(Math.log2(Math.max(scroller.contentWidth, 1024))))
            height: contentHeight
            horizontalAlignment: TextEdit.AlignLeft
            textFormat: TextEdit.PlainText
            readOnly: true
            selectByMouse: true
            wrapMode: TextEdit.NoWrap
            tabStopDistance: 4 * metrics.averageCharacterWidth
            color: Theme.ink
            selectionColor: Theme.selection
            font.family: Typography.mono
            font.pixelSize: Typography.code
            font.hintingPreference: Font.PreferNoHinting
            font.features: Typography.literal
            Accessible.role: Accessible.EditableText
            Accessible.name: root.Accessible.name

            FontMetrics {
                id: metrics
                font: code.font
            }
        }
    }

    TextEdit {
        id: clipboard
        visible: false
        textFormat: TextEdit.PlainText
    }
    Timer {
        id: confirmation
        interval: 1600
    }
}
