import QtQuick
import Ponder.Theme

// A display formula, as its source for now.
Rectangle {
    id: root

    property alias text: formula.text

    implicitHeight: formula.height
    color: Theme.sunken
    radius: Metrics.radius

    TextEdit {
        id: formula

        width: parent.width
        padding: Metrics.m
        textFormat: TextEdit.PlainText
        readOnly: true
        selectByMouse: true
        wrapMode: TextEdit.Wrap
        horizontalAlignment: TextEdit.AlignHCenter
        color: Theme.thoughtAccent
        selectionColor: Theme.selection
        selectedTextColor: Theme.ink
        font.family: Typography.mono
        font.pixelSize: Typography.code
        font.hintingPreference: Font.PreferNoHinting
        font.features: Typography.literal
        Accessible.role: Accessible.Equation
        Accessible.name: qsTr("Formula: %1").arg(text)
    }
}
