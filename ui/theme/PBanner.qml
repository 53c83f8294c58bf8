import QtQuick

// A sentence about what happened, with at most one thing to do about it, and details on demand.
Rectangle {
    id: root

    enum Kind {
        Info,
        Success,
        Warning,
        Error
    }

    property int kind: PBanner.Info
    property string text
    property string detail // more for everybody to read
    property string details // for finding the cause: codes and context, folded away
    property string actionText
    property bool closable: true

    signal actionTriggered
    signal closed

    readonly property color inkColor: kind === PBanner.Error ? Theme.danger : kind === PBanner.Warning ? Theme.warning : kind === PBanner.Success ? Theme.success : Theme.accent

    implicitWidth: 400
    implicitHeight: Math.max(words.implicitHeight, Metrics.controlSmall) + 2 * Metrics.s
    radius: Metrics.radius
    color: kind === PBanner.Error ? Theme.dangerTint : kind === PBanner.Warning ? Theme.warningTint : kind === PBanner.Success ? Theme.successTint : Theme.accentTint
    Accessible.role: Accessible.AlertMessage
    Accessible.name: detail === "" ? text : text + " " + detail

    PIcon {
        id: mark

        x: Metrics.m
        y: Metrics.s + 6
        path: root.kind === PBanner.Success ? Icons.check : root.kind === PBanner.Info ? Icons.info : Icons.alert
        color: root.inkColor
    }

    Column {
        id: words

        anchors.left: mark.right
        anchors.leftMargin: Metrics.m
        anchors.right: buttons.left
        anchors.rightMargin: Metrics.m
        anchors.verticalCenter: parent.verticalCenter
        spacing: Metrics.xxs

        PText {
            width: parent.width
            text: root.text
            font.weight: Font.Medium
            wrapMode: Text.Wrap
            Accessible.ignored: true
        }

        PText {
            width: parent.width
            visible: text !== ""
            text: root.detail
            font.pixelSize: Typography.small
            color: Theme.inkSoft
            lineHeight: Typography.denseLineHeight
            wrapMode: Text.Wrap
            Accessible.ignored: true
        }

        PDetails {
            objectName: "banner.details"
            width: parent.width
            text: root.details
        }
    }

    Row {
        id: buttons

        anchors.right: parent.right
        anchors.rightMargin: Metrics.s
        y: Metrics.s
        spacing: Metrics.xs

        PButton {
            objectName: "banner.action"
            visible: root.actionText !== ""
            height: Metrics.controlSmall
            text: root.actionText
            onClicked: root.actionTriggered()
        }

        PIconButton {
            visible: root.closable
            small: true
            iconPath: Icons.close
            text: qsTr("Dismiss")
            onClicked: root.closed()
        }
    }
}
