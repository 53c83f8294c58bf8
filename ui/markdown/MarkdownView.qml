pragma ComponentBehavior: Bound

import QtQuick
import Ponder.Theme

// A message's Markdown as blocks, one under the other; as high as its content. Set `source` to the whole text and
// append() what is new, or set `model` to one that is filled elsewhere.
Item {
    id: root

    property alias source: ownModel.source
    property MarkdownModel model: ownModel
    property color color: Theme.ink
    property real fontSize: Typography.body

    // A link was chosen. Nothing is ever opened by itself: the address is shown, and can be copied.
    signal linkActivated(string address)

    function append(text: string): void {
        ownModel.append(text);
    }

    implicitWidth: 600
    implicitHeight: blocks.implicitHeight
    Accessible.role: Accessible.Document
    Accessible.name: qsTr("Message")

    MarkdownModel {
        id: ownModel
    }

    Column {
        id: blocks

        width: root.width

        Repeater {
            model: root.model

            BlockDelegate {
                width: blocks.width
                inkColor: root.color
                fontSize: root.fontSize
                onLinkActivated: (address, place) => {
                    root.linkActivated(address);
                    linkPopover.show(address, place);
                }
            }
        }

        PButton {
            visible: root.model.hiddenCount > 0
            kind: PButton.Quiet
            text: qsTr("Show %1 more blocks").arg(root.model.hiddenCount)
            onClicked: root.model.limit += 2000
        }
    }

    LinkPopover {
        id: linkPopover
    }
}
