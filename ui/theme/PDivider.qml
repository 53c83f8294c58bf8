import QtQuick

// A hairline between two things.
Rectangle {
    implicitWidth: Metrics.hair
    implicitHeight: Metrics.hair
    color: Theme.hairline
    Accessible.role: Accessible.Separator
    Accessible.ignored: true
}
