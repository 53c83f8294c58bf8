import QtQuick
import QtQuick.Templates as T

// A question in the middle of the window. Set `title`, put the words or fields inside, and the
// buttons into `actions`; Escape rejects.
T.Dialog {
    id: root

    default property alias body: column.data
    property alias actions: actionRow.data

    parent: T.Overlay.overlay
    anchors.centerIn: parent
    width: Math.min(Metrics.dialogWidth, (parent?.width ?? 0) - 2 * Metrics.l)
    implicitHeight: contentHeight + topPadding + bottomPadding + (implicitHeaderHeight > 0 ? implicitHeaderHeight : 0) + (implicitFooterHeight > 0 ? implicitFooterHeight : 0)
    contentHeight: column.implicitHeight
    horizontalPadding: Metrics.xl
    topPadding: Metrics.s
    bottomPadding: Metrics.xl
    modal: true
    focus: true
    closePolicy: T.Popup.CloseOnEscape

    header: PText {
        text: root.title
        visible: text !== ""
        leftPadding: Metrics.xl
        rightPadding: Metrics.xl
        topPadding: Metrics.xl - Metrics.xs
        font.pixelSize: Typography.title
        font.weight: Font.DemiBold
        wrapMode: Text.Wrap
        Accessible.role: Accessible.Heading
    }

    contentItem: Column {
        id: column

        spacing: Metrics.m
    }

    footer: Item {
        implicitHeight: actionRow.children.length > 0 ? actionRow.implicitHeight + Metrics.xl : 0

        Row {
            id: actionRow

            anchors.right: parent.right
            anchors.rightMargin: Metrics.xl
            spacing: Metrics.s
        }
    }

    background: PCard {
        elevation: 2
        Accessible.role: Accessible.Dialog
        Accessible.name: root.title
    }

    T.Overlay.modal: Rectangle {
        color: Theme.scrim

        Behavior on opacity {
            NumberAnimation {
                duration: Motion.quick
            }
        }
    }

    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Motion.quick
            easing.type: Motion.easing
        }
        NumberAnimation {
            property: "scale"
            from: 0.98
            to: 1
            duration: Motion.quick
            easing.type: Motion.easing
        }
    }
    // It goes at once: while it faded it would take the keys, and shortcuts would be lost.
}
