import QtQuick
import Ponder.Theme

// A setting: its name and what it means on the left, its control on the right.
Item {
    id: root

    required property string title
    property string detail
    default property alias control: slot.data

    width: parent?.width ?? 0
    implicitHeight: Math.max(words.implicitHeight, slot.childrenRect.height, Metrics.control)

    Column {
        id: words

        anchors.left: parent.left
        anchors.right: slot.left
        anchors.rightMargin: Metrics.l
        anchors.verticalCenter: parent.verticalCenter
        spacing: Metrics.xxs

        PText {
            width: parent.width
            text: root.title
            color: root.enabled ? Theme.ink : Theme.inkOff
            wrapMode: Text.Wrap
        }

        PText {
            width: parent.width
            visible: text !== ""
            text: root.detail
            color: root.enabled ? Theme.inkFaint : Theme.inkOff
            font.pixelSize: Typography.caption
            wrapMode: Text.Wrap
        }
    }

    Item {
        id: slot

        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        width: childrenRect.width
        height: childrenRect.height
    }
}
