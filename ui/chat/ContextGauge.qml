import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// How much of the model's context the conversation takes.
T.Control {
    id: root

    required property int used  // tokens
    required property int limit // tokens; 0: no model is open
    property bool compact: false // without words

    readonly property real share: limit > 0 ? Math.min(1, used / limit) : 0
    readonly property string words: used > limit ? qsTr("%1 tokens, and %2 fit").arg(Figures.whole(used)).arg(Figures.whole(limit)) : qsTr("%1 of %2 tokens").arg(Figures.whole(used)).arg(Figures.whole(limit))

    visible: limit > 0
    implicitWidth: row.implicitWidth
    implicitHeight: Metrics.controlSmall
    hoverEnabled: true
    Accessible.role: Accessible.ProgressBar
    Accessible.name: qsTr("Context used: %1").arg(words)

    contentItem: Row {
        id: row

        spacing: Metrics.s

        Rectangle {
            anchors.verticalCenter: parent.verticalCenter
            width: 56
            height: 4
            radius: 2
            color: Theme.hairline

            Rectangle {
                width: Math.max(root.used > 0 ? 4 : 0, parent.width * root.share)
                height: parent.height
                radius: 2
                color: root.share > 0.9 ? Theme.danger : root.share > 0.75 ? Theme.warning : Theme.accent
            }
        }

        PText {
            anchors.verticalCenter: parent.verticalCenter
            visible: !root.compact
            text: root.words
            color: Theme.inkFaint
            font.pixelSize: Typography.caption
            font.features: {
                "tnum": 1
            }
            Accessible.ignored: true
        }
    }

    PToolTip {
        visible: root.hovered
        text: (root.compact ? root.words + "\n" : "") + (root.used > root.limit ? qsTr("This conversation is longer than the model's context: give the model a longer one in the settings, or begin a new conversation") : qsTr("How much of the model's context this conversation takes"))
    }
}
