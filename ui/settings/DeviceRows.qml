import QtQuick
import Ponder.Theme

// What models compute on, and how that stands.
Column {
    id: root

    required property SettingsViewModel settings
    required property DeviceListModel devices
    required property string standing // how it stands now, in words
    required property string reason // why there is no GPU to choose; empty: there is one

    readonly property string words: standing.includes(reason) ? standing : standing === "" ? reason : standing + "\n" + reason

    function takeFocus(): void {
        box.forceActiveFocus(Qt.TabFocusReason);
    }

    spacing: Metrics.xs

    SettingsRow {
        title: qsTr("Device")
        detail: qsTr("that models compute on")

        PComboBox {
            id: box

            objectName: "settings.device"
            implicitWidth: Math.min(310, root.width * 0.6)
            label: qsTr("Device that models compute on")
            model: root.devices
            textRole: "name"
            currentIndex: root.devices.current
            Accessible.description: root.words
            onActivated: index => root.settings.device = root.devices.choiceAt(index)
        }
    }

    PText {
        objectName: "settings.deviceWords"
        width: parent.width
        visible: text !== ""
        text: root.words
        color: Theme.inkFaint
        font.pixelSize: Typography.caption
        lineHeight: Typography.denseLineHeight
        wrapMode: Text.Wrap
    }
}
