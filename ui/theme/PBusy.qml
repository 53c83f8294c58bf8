import QtQuick

// A dot that breathes while something is under way.
Rectangle {
    id: root

    property bool running: true

    readonly property bool breathing: running && visible
    property bool counted: false

    // Every mark that breathes is counted once, whatever becomes of it.
    function count(now: bool): void {
        if (now === counted)
            return;
        counted = now;
        Motion.breathing += now ? 1 : -1;
    }

    implicitWidth: 8
    implicitHeight: 8
    radius: width / 2
    color: Theme.accent
    Accessible.role: Accessible.Indicator
    Accessible.name: qsTr("Working")

    opacity: breathing ? Motion.breath : 1
    onBreathingChanged: count(breathing)
    Component.onCompleted: count(breathing)
    Component.onDestruction: count(false)
}
