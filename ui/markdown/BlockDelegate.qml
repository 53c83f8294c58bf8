pragma ComponentBehavior: Bound

import QtQuick
import Ponder.Theme

// A row of MarkdownModel: the space before it, the bars of the quotes it stands in, the mark of its
// list item, and the block itself.
Item {
    id: root

    required property int index
    required property int type
    required property int level
    required property int listDepth
    required property int quoteDepth
    required property int quoteLists
    required property int joinedQuotes
    required property string marker
    required property int task
    required property bool continued
    required property string html
    required property string text
    required property string language
    required property bool rightToLeft
    required property bool afterBox
    property color inkColor: Theme.ink
    property real fontSize: Typography.body

    signal linkActivated(string address, point place)

    readonly property int quoteStep: 16
    readonly property int listStep: Math.round(fontSize * 1.6)
    // Text keeps half of the width, however deep it stands.
    readonly property real inset: Math.min(quoteDepth * quoteStep + listDepth * listStep, width / 2)
    readonly property real quoteInset: Math.min(quoteLists * listStep, width / 2)
    // The mark of an item stands outside of the quotes that the item holds.
    readonly property real markEdge: quoteLists > 0 && quoteLists === listDepth ? quoteInset : inset
    // The blocks take their width from here: a Loader with a width of its own would ask for their natural
    // width, and Qt Quick would lay out each text twice.
    readonly property real blockWidth: width - inset
    readonly property bool inQuote: quoteDepth > 0
    readonly property real gap: index === 0 || continued ? 0 : type === MarkdownModel.Heading ? (level <= 2 ? Metrics.xl : Metrics.l + Metrics.xs) : marker !== "" && !afterBox ? Metrics.xs + Metrics.xxs : type === MarkdownModel.Rule ? Metrics.l : Metrics.m

    implicitHeight: gap + block.height

    Repeater {
        model: root.quoteDepth

        Rectangle {
            required property int index

            readonly property real start: index < root.joinedQuotes ? 0 : root.gap
            readonly property real edge: root.quoteInset + index * root.quoteStep

            x: root.rightToLeft ? root.width - edge - width : edge
            y: start
            width: 3
            height: root.height - start
            color: Theme.line
        }
    }

    PText {
        visible: root.marker !== "" && root.task === MarkdownModel.NoTask
        x: root.rightToLeft ? root.width - root.markEdge + Metrics.s : root.markEdge - width - Metrics.s
        y: root.gap
        text: (root.rightToLeft ? "\u200F" : "") + root.marker
        font.pixelSize: root.fontSize
        font.features: Typography.tabular
        lineHeight: Typography.readingLineHeight
        color: Theme.inkFaint
    }

    Rectangle {
        visible: root.marker !== "" && root.task !== MarkdownModel.NoTask
        x: root.rightToLeft ? root.width - root.markEdge + Metrics.s : root.markEdge - width - Metrics.s
        y: root.gap + (root.fontSize * 1.21 * Typography.readingLineHeight - height) / 2
        width: 15
        height: 15
        radius: 4
        color: root.task === MarkdownModel.DoneTask ? Theme.accent : Theme.raised
        border.width: root.task === MarkdownModel.DoneTask ? 0 : Metrics.hair
        border.color: Theme.line
        Accessible.role: Accessible.CheckBox
        Accessible.name: root.task === MarkdownModel.DoneTask ? qsTr("Done") : qsTr("To do")

        PIcon {
            anchors.centerIn: parent
            visible: root.task === MarkdownModel.DoneTask
            path: Icons.check
            size: 12
            weight: 2.4
            color: Theme.accentInk
        }
    }

    Loader {
        id: block

        x: root.rightToLeft ? 0 : root.inset
        y: root.gap
        sourceComponent: {
            switch (root.type) {
            case MarkdownModel.Code:
                return code;
            case MarkdownModel.Heading:
                return heading;
            case MarkdownModel.Math:
                return math;
            case MarkdownModel.Rule:
                return rule;
            case MarkdownModel.Table:
                return table;
            default:
                return paragraph;
            }
        }
    }

    Component {
        id: paragraph

        ParagraphBlock {
            width: root.blockWidth
            html: root.html
            plain: root.text
            rightToLeft: root.rightToLeft
            color: root.inQuote ? Theme.inkSoft : root.inkColor
            fontSize: root.fontSize
            onLinkChosen: (address, place) => root.linkActivated(address, mapToItem(root.parent, place))
        }
    }

    Component {
        id: heading

        HeadingBlock {
            width: root.blockWidth
            html: root.html
            plain: root.text
            rightToLeft: root.rightToLeft
            level: root.level
            color: root.inkColor
            onLinkChosen: (address, place) => root.linkActivated(address, mapToItem(root.parent, place))
        }
    }

    Component {
        id: table

        TableBlock {
            width: root.blockWidth
            html: root.html
            plain: root.text
            rightToLeft: root.rightToLeft
            color: root.inkColor
            onLinkChosen: (address, place) => root.linkActivated(address, mapToItem(root.parent, place))
        }
    }

    Component {
        id: code

        CodeBlock {
            width: root.blockWidth
            text: root.text
            language: root.language
        }
    }

    Component {
        id: math

        MathBlock {
            width: root.blockWidth
            text: root.text
        }
    }

    Component {
        id: rule

        PDivider {
            width: root.blockWidth
        }
    }
}
