import QtQuick
import Ponder.Theme

// ‹ 2/3 ›: the other versions of a message.
Row {
    id: root

    required property int siblingIndex
    required property int siblingCount

    signal stepped(step: int)

    visible: siblingCount > 1
    spacing: 0
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("Version %1 of %2").arg(siblingIndex + 1).arg(siblingCount)

    PIconButton {
        objectName: "siblings.previous"
        small: true
        enabled: root.siblingIndex > 0
        iconPath: Icons.chevronLeft
        text: qsTr("Previous version")
        onClicked: root.stepped(-1)
    }

    PText {
        anchors.verticalCenter: parent.verticalCenter
        text: qsTr("%1/%2").arg(root.siblingIndex + 1).arg(root.siblingCount)
        color: Theme.inkFaint
        font.pixelSize: Typography.caption
        font.features: {
            "tnum": 1
        }
    }

    PIconButton {
        objectName: "siblings.next"
        small: true
        enabled: root.siblingIndex < root.siblingCount - 1
        iconPath: Icons.chevronRight
        text: qsTr("Next version")
        onClicked: root.stepped(1)
    }
}
