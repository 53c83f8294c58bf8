pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Markdown
import Ponder.Theme

// One row: a step, its number on the rail, its text beside it; or the continuation of a step that is very long, which
// has no number.
Item {
    id: root

    required property int index
    required property int number
    required property bool continued
    required property bool continues
    required property string text
    required property string fence
    required property string summary
    required property double startSeconds
    required property double endSeconds
    required property int tokens
    required property string kind
    required property int weight
    required property list<string> remarks
    required property int offset
    required property int endOffset
    property bool current: false
    property bool growing: false
    property bool last: false

    property bool editing: false
    property string wholeText // of the step, while it is edited
    property bool canSteer: false
    property TokenTrace trace: null // its tokens are shown; null: the step as it reads

    signal chosen
    signal menuRequested(anchor: Item)
    signal edited(words: string)
    signal editingEnded
    signal tokenChosen(token: int, place: point)

    readonly property int rail: 44
    // A token's colour says how unsure the model was; one that forks is underlined.
    readonly property string tokenStyle: "a { color: " + Theme.thoughtInk + "; text-decoration: none; } " + Theme.doubt.map((colour, level) => level === 0 ? "" : ".t" + level + " { background-color: " + colour + "; }").join(" ")

    implicitHeight: (editing ? editor.height + Metrics.m : words.implicitHeight) + notes.implicitHeight + (continues ? 0 : Metrics.m + Metrics.xxs)
    Accessible.role: Accessible.ListItem
    Accessible.name: (continued ? qsTr("Step %1, continued: %2") : qsTr("Step %1: %2")).arg(number).arg(summary)
    Accessible.description: remarks.join(" ")

    Rectangle {
        x: root.rail / 2 + 4
        y: root.continued ? 0 : 23
        width: Metrics.hair
        height: root.height - y - (root.continues ? 0 : 1)
        visible: !root.last || root.growing
        color: Theme.thoughtLine
    }

    T.AbstractButton {
        id: mark

        visible: !root.continued
        x: root.rail / 2 - 8
        width: 24
        height: 22
        hoverEnabled: true
        focusPolicy: Qt.NoFocus
        Accessible.role: Accessible.Button
        Accessible.name: qsTr("Go to step %1").arg(root.number)
        onClicked: root.chosen()

        contentItem: PText {
            text: root.number
            color: root.weight > 1 ? Theme.finding(root.weight) : root.current || mark.hovered ? Theme.thoughtAccent : Theme.thoughtFaint
            font.pixelSize: Typography.caption - 1
            font.weight: root.current || root.weight > 1 ? Font.DemiBold : Font.Normal
            font.features: Typography.tabular
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
            Accessible.ignored: true
        }

        background: Rectangle {
            radius: Metrics.radiusSmall
            color: root.current ? Theme.thoughtLine : mark.hovered ? Theme.hover : "transparent"
        }

        Loader {
            active: mark.hovered && (root.endSeconds >= 0 || root.kind !== "")

            sourceComponent: PToolTip {
                visible: true
                text: [root.kind, root.endSeconds < 0 ? "" : qsTr("%1 s").arg((root.endSeconds - root.startSeconds).toFixed(1)), root.tokens < 0 ? "" : qsTr("%1 tokens").arg(root.tokens)].filter(part => part !== "").join(" · ")
            }
        }
    }

    PIconButton {
        id: more

        objectName: "step.more"
        visible: root.canSteer && !root.continued && !root.editing && (hover.hovered || root.current || activeFocus)
        anchors.right: parent.right
        anchors.rightMargin: Metrics.s
        small: true
        iconPath: Icons.more
        iconColor: Theme.thoughtFaint
        text: qsTr("Go on from step %1").arg(root.number)
        focusPolicy: Qt.NoFocus
        onClicked: root.menuRequested(more)
    }

    HoverHandler {
        id: hover
    }

    StepText {
        id: step

        source: root.trace || root.editing ? "" : root.text
        fence: root.fence
    }

    RichText {
        id: words

        x: root.rail + Metrics.xs
        y: 2
        width: root.width - x - Metrics.xxl - Metrics.xs
        visible: !root.editing
        html: root.trace ? root.trace.html(root.offset, root.endOffset) : step.html
        plain: root.text
        fontSize: Typography.ui
        lineHeight: 1
        codeGround: Theme.thoughtLine
        extraStyle: (root.trace ? root.tokenStyle : "") + "th { font-weight: 600; padding: 1px 14px 1px 0px; } td { padding: 1px 14px 1px 0px; }"
        color: Theme.thoughtInk
        tellsLinks: !root.trace
        onLinkChosen: (address, place) => {
            if (address.startsWith("token:"))
                root.tokenChosen(Number(address.slice(6)), words.mapToItem(root, place));
        }
    }

    Loader {
        id: editor

        x: words.x
        width: words.width
        active: root.editing
        onLoaded: (item as StepEditor).begin()

        sourceComponent: StepEditor {
            words: root.wholeText
            onFinished: words => root.edited(words)
            onCancelled: root.editingEnded()
        }
    }

    // What was found in the step, under its words.
    Column {
        id: notes

        x: words.x
        y: root.editing ? editor.height + Metrics.m : words.y + words.implicitHeight
        width: words.width
        topPadding: root.remarks.length > 0 ? Metrics.xs : 0
        spacing: Metrics.xxs

        Repeater {
            model: root.remarks

            Item {
                id: note

                required property string modelData

                width: notes.width
                height: sentence.implicitHeight

                Rectangle {
                    width: 2
                    height: parent.height
                    color: Theme.finding(root.weight)
                }

                PText {
                    id: sentence

                    x: Metrics.s
                    width: parent.width - x
                    text: note.modelData
                    textFormat: Text.PlainText
                    color: root.weight > 1 ? Theme.finding(root.weight) : Theme.thoughtFaint
                    font.pixelSize: Typography.caption
                    wrapMode: Text.Wrap
                    maximumLineCount: 4
                    elide: Text.ElideRight
                    Accessible.ignored: true
                }
            }
        }
    }
}
