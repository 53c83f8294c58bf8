import QtQuick
import QtQuick.Templates as T

// One line of text. `iconPath` stands before it; `clearable` puts a cross after it.
T.TextField {
    id: root

    property string iconPath
    property bool clearable: false
    property bool quiet: false
    property string label: placeholderText

    implicitWidth: 220
    implicitHeight: Metrics.control
    leftPadding: iconPath === "" ? Metrics.m : Metrics.m + Metrics.icon + Metrics.xs
    rightPadding: clearable && text !== "" ? Metrics.control : Metrics.m
    verticalAlignment: TextInput.AlignVCenter
    font.family: Typography.sans
    font.pixelSize: Typography.ui
    font.hintingPreference: Font.PreferNoHinting
    font.features: Typography.literal
    color: enabled ? Theme.ink : Theme.inkOff
    placeholderTextColor: Theme.inkFaint
    selectionColor: Theme.selection
    selectedTextColor: Theme.ink
    selectByMouse: true
    hoverEnabled: true
    Accessible.name: label

    PText {
        x: root.leftPadding
        width: root.width - root.leftPadding - root.rightPadding
        height: root.height
        visible: root.text === "" && root.preeditText === ""
        text: root.placeholderText
        color: root.placeholderTextColor
        font: root.font
        verticalAlignment: Text.AlignVCenter
        elide: Text.ElideRight
        Accessible.ignored: true
    }

    PIcon {
        visible: root.iconPath !== ""
        path: root.iconPath
        size: Metrics.iconSmall
        color: Theme.inkFaint
        anchors.left: parent.left
        anchors.leftMargin: Metrics.m - Metrics.xxs
        anchors.verticalCenter: parent.verticalCenter
    }

    PIconButton {
        visible: root.clearable && root.text !== ""
        iconPath: Icons.close
        small: true
        text: qsTr("Clear")
        anchors.right: parent.right
        anchors.rightMargin: 3
        anchors.verticalCenter: parent.verticalCenter
        onClicked: root.clear()
    }

    background: Rectangle {
        radius: Metrics.radius
        color: root.quiet && !root.activeFocus ? (root.hovered ? Theme.hover : "transparent") : Theme.raised
        border.width: root.activeFocus ? Metrics.focusRing : root.quiet ? 0 : Metrics.hair
        border.color: root.activeFocus ? Theme.accent : Theme.line
    }
}
