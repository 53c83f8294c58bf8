import QtQuick
import QtQuick.Templates as T

// A thin bar that widens under the pointer and fades when nothing moves.
T.ScrollBar {
    id: root

    implicitWidth: orientation === Qt.Vertical ? 10 : 40
    implicitHeight: orientation === Qt.Vertical ? 40 : 10
    padding: Metrics.xxs
    minimumSize: 0.06
    visible: policy !== T.ScrollBar.AlwaysOff && size < 1
    hoverEnabled: true
    Accessible.role: Accessible.ScrollBar
    Accessible.name: orientation === Qt.Vertical ? qsTr("Vertical scroll bar") : qsTr("Horizontal scroll bar")

    contentItem: Item {
        Rectangle {
            readonly property int thickness: root.hovered || root.pressed ? 6 : 4

            anchors.right: root.orientation === Qt.Vertical ? parent.right : undefined
            anchors.bottom: root.orientation === Qt.Vertical ? undefined : parent.bottom
            width: root.orientation === Qt.Vertical ? thickness : parent.width
            height: root.orientation === Qt.Vertical ? parent.height : thickness
            radius: thickness / 2
            color: root.pressed ? Theme.inkFaint : Theme.line
            opacity: root.active || root.hovered || root.policy === T.ScrollBar.AlwaysOn ? 1 : 0.45

            Behavior on opacity {
                NumberAnimation {
                    duration: Motion.calm
                }
            }
        }
    }
}
