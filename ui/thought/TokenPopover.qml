pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// What the model might have written instead of one token, and how likely each was. Choosing one goes on from there.
PPopover {
    id: root

    required property TokenTrace trace
    property int token: -1
    property bool canSteer: false

    signal alternativeChosen(int token, string text)

    readonly property var alternatives: token >= 0 ? trace.alternatives(token) : []

    // White space is shown by signs, or nobody would see it.
    function shown(text: string): string {
        return text === "" ? qsTr("(a part of a character)") : text.replace(/\n/g, "⏎").replace(/\t/g, "⇥").replace(/^ | $/g, "␣");
    }

    title: qsTr("Alternatives")
    width: 260
    padding: Metrics.xs
    height: 26 + list.contentHeight + 2 * padding
    onOpened: list.forceActiveFocus()

    contentItem: Item {
        PText {
            x: Metrics.s
            height: 24
            verticalAlignment: Text.AlignVCenter
            text: qsTr("Instead of this (%1 nats of doubt)").arg(root.trace.entropy(root.token).toFixed(2))
            color: Theme.inkFaint
            font.pixelSize: Typography.caption
        }

        ListView {
            id: list

            y: 26
            width: parent.width
            height: contentHeight
            interactive: false
            keyNavigationEnabled: true
            model: root.alternatives
            Accessible.role: Accessible.List
            Accessible.name: root.title
            Keys.onReturnPressed: choose(currentIndex)
            Keys.onEnterPressed: choose(currentIndex) // the keypad's

            function choose(row: int): void {
                const entry = root.alternatives[row];
                if (!root.canSteer || !entry || entry.chosen || entry.text === "")
                    return;
                root.alternativeChosen(root.token, entry.text);
                root.close();
            }

            delegate: T.ItemDelegate {
                id: entry

                required property int index
                required property var modelData

                readonly property string words: root.shown(modelData.text)
                readonly property string percent: (modelData.probability * 100).toFixed(modelData.probability < 0.1 ? 1 : 0) + " %"

                width: ListView.view.width
                height: 26
                hoverEnabled: true
                Accessible.role: Accessible.ListItem
                Accessible.name: modelData.chosen ? qsTr("%1, %2, chosen").arg(words).arg(percent) : qsTr("%1, %2").arg(words).arg(percent)
                onClicked: list.choose(index)

                background: Rectangle {
                    radius: Metrics.radiusSmall
                    color: entry.hovered && root.canSteer && !entry.modelData.chosen || entry.ListView.isCurrentItem && list.activeFocus ? Theme.hover : "transparent"

                    Rectangle {
                        y: parent.height - 3
                        x: Metrics.s
                        height: 2
                        width: (parent.width - 2 * Metrics.s) * Math.min(1, entry.modelData.probability)
                        color: Theme.thoughtAccent
                        opacity: 0.5
                    }
                }

                contentItem: Item {
                    PText {
                        x: Metrics.s
                        width: parent.width - number.width - 3 * Metrics.s
                        anchors.verticalCenter: parent.verticalCenter
                        text: entry.words
                        textFormat: Text.PlainText
                        font.pixelSize: Typography.small
                        font.weight: entry.modelData.chosen ? Font.DemiBold : Font.Normal
                        elide: Text.ElideRight
                        Accessible.ignored: true
                    }

                    PText {
                        id: number

                        anchors.right: parent.right
                        anchors.rightMargin: Metrics.s
                        anchors.verticalCenter: parent.verticalCenter
                        text: entry.percent
                        color: Theme.inkFaint
                        font.pixelSize: Typography.caption
                        font.features: Typography.tabular
                        Accessible.ignored: true
                    }
                }
            }
        }
    }
}
