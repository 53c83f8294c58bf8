pragma ComponentBehavior: Bound

import QtQuick
import Ponder.Models
import Ponder.Theme

// An empty conversation: what this is, and a few questions to begin with.
Item {
    id: root

    required property ModelViewModel model
    readonly property list<string> examples: model.starter ? [qsTr("What is 347 + 586?"), qsTr("What are you?"), qsTr("Write a Python function that reverses a string.")] : [qsTr("Explain a paradox that you find beautiful"), qsTr("Which is larger, 9.11 or 9.9?"), qsTr("Plan a small vegetable garden")]

    signal exampleChosen(text: string)
    signal openRequested

    implicitHeight: column.implicitHeight

    Column {
        id: column

        anchors.centerIn: parent
        width: Math.min(Metrics.readingWidth, root.width - 2 * Metrics.xl)
        spacing: Metrics.m

        PIcon {
            anchors.horizontalCenter: parent.horizontalCenter
            path: Icons.thought
            size: 40
            color: Theme.thoughtAccent
        }

        PText {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            text: qsTr("Ask, and watch it think")
            font.pixelSize: Typography.display
            font.weight: Font.DemiBold
            wrapMode: Text.Wrap
            Accessible.role: Accessible.Heading
        }

        PText {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            color: Theme.inkSoft
            wrapMode: Text.Wrap
            lineHeight: Typography.readingLineHeight
            text: root.model.starter ? qsTr("The starter model is small and only for practice: it adds, subtracts and multiplies, and shows its working. Open a DeepSeek model file for real questions.") : root.model.opening ? qsTr("Opening %1…").arg(root.model.name) : root.model.ready ? qsTr("Everything happens on this computer. Nothing is sent anywhere.") : qsTr("Open a model file (GGUF or safetensors) to begin, or drop one here.")
        }

        Item {
            width: 1
            height: Metrics.s
        }

        Row {
            anchors.horizontalCenter: parent.horizontalCenter
            visible: !root.model.ready && !root.model.opening
            spacing: Metrics.s

            PButton {
                objectName: "welcome.open"
                kind: PButton.Primary
                iconPath: Icons.folder
                text: qsTr("Open a model…")
                onClicked: root.openRequested()
            }

            PButton {
                objectName: "welcome.starter"
                visible: root.model.starterAvailable
                text: qsTr("Use the starter model")
                onClicked: root.model.openStarter()
            }
        }

        Flow {
            id: flow

            readonly property real wanted: {
                let sum = 0;
                for (let i = 0; i < repeater.count; ++i)
                    sum += (repeater.itemAt(i)?.implicitWidth ?? 0) + (i > 0 ? spacing : 0);
                return sum;
            }

            anchors.horizontalCenter: parent.horizontalCenter
            width: Math.min(wanted, parent.width)
            spacing: Metrics.s
            visible: root.model.ready

            Repeater {
                id: repeater

                model: root.examples

                PButton {
                    required property string modelData
                    required property int index

                    objectName: "welcome.example." + index
                    text: modelData
                    font.weight: Font.Normal
                    onClicked: root.exampleChosen(modelData)
                }
            }
        }
    }
}
