import QtCore
import QtQuick

// What helps somebody who looks for the cause of a failure, folded away until it is asked for: codes and
// context to read and to copy, with the program's version and the system's.
Column {
    id: root

    property string text
    property bool open: false

    readonly property string whole: [text, [Application.name, Application.version, "·", SystemInformation.prettyProductName, SystemInformation.currentCpuArchitecture].filter(part => part !== "").join(" ")].join("\n")

    function copy(): void {
        words.selectAll();
        words.copy();
        words.deselect();
        copyButton.copied = true;
        pause.restart();
    }

    visible: text !== ""
    spacing: Metrics.xs
    onTextChanged: open = false

    PButton {
        id: toggle

        objectName: "details.toggle"
        x: -leftPadding
        height: Metrics.controlSmall
        kind: PButton.Quiet
        iconPath: root.open ? Icons.chevronDown : Icons.chevronRight
        text: qsTr("Details")
        Accessible.name: root.open ? qsTr("Hide the details") : qsTr("Show the details")
        onClicked: root.open = !root.open
    }

    Rectangle {
        width: parent.width
        height: Math.max(words.implicitHeight, copyButton.height + 2 * Metrics.xs)
        visible: root.open
        radius: Metrics.radiusSmall
        color: Theme.sunken

        TextEdit {
            id: words

            objectName: "details.text"
            anchors.left: parent.left
            anchors.right: copyButton.left
            padding: Metrics.s
            text: root.whole
            textFormat: TextEdit.PlainText
            readOnly: true
            selectByMouse: true
            activeFocusOnTab: true
            wrapMode: TextEdit.WrapAtWordBoundaryOrAnywhere
            color: Theme.ink
            selectionColor: Theme.selection
            selectedTextColor: Theme.ink
            font.family: Typography.mono
            font.pixelSize: Typography.caption
            font.hintingPreference: Font.PreferNoHinting
            font.features: {
                "calt": 0
            }
            Accessible.name: qsTr("Details")
            Keys.onTabPressed: nextItemInFocusChain().forceActiveFocus(Qt.TabFocusReason)
            Keys.onBacktabPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)

            Rectangle {
                anchors.fill: parent
                visible: words.activeFocus
                color: "transparent"
                radius: Metrics.radiusSmall
                border.width: Metrics.focusRing
                border.color: Theme.accent
            }
        }

        PIconButton {
            id: copyButton

            property bool copied: false

            objectName: "details.copy"
            anchors.right: parent.right
            anchors.margins: Metrics.xs
            anchors.top: parent.top
            small: true
            iconPath: copied ? Icons.check : Icons.copy
            iconColor: copied ? Theme.success : Theme.inkFaint
            text: copied ? qsTr("Copied") : qsTr("Copy the details")
            onClicked: root.copy()

            Timer {
                id: pause

                interval: 1500
                onTriggered: copyButton.copied = false
            }
        }
    }
}
