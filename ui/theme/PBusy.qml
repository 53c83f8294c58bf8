import QtQuick

// A dot that breathes while something is under way.
Rectangle {
    id: root

    property bool running: true

    implicitWidth: 8
    implicitHeight: 8
    radius: width / 2
    color: Theme.accent
    Accessible.role: Accessible.Indicator
    Accessible.name: qsTr("Working")

    SequentialAnimation on opacity {
        running: root.running && root.visible && !Motion.reduced
        loops: Animation.Infinite
        alwaysRunToEnd: true

        NumberAnimation {
            to: 0.3
            duration: Motion.pulse / 2
            easing.type: Easing.InOutSine
        }
        NumberAnimation {
            to: 1
            duration: Motion.pulse / 2
            easing.type: Easing.InOutSine
        }
    }
}
