pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// The large texts of a question: a chip each, to look at and to take away.
Flow {
    id: root

    required property QuestionText question

    visible: question.pasted.length > 0
    spacing: Metrics.s

    Repeater {
        model: root.question.pasted

        Rectangle {
            id: chip

            required property string modelData
            required property int index

            objectName: "pasted." + index
            width: Math.min(root.width, row.implicitWidth + Metrics.xs)
            height: Metrics.control
            radius: Metrics.radius
            color: Theme.sunken
            border.width: Metrics.hair
            border.color: Theme.hairline

            Row {
                id: row

                T.AbstractButton {
                    id: words

                    objectName: "pasted.show"
                    width: Math.min(implicitWidth, root.width - remove.width - Metrics.xs)
                    implicitWidth: implicitContentWidth
                    implicitHeight: Metrics.control
                    leftPadding: Metrics.m
                    rightPadding: Metrics.s
                    hoverEnabled: true
                    focusPolicy: Qt.StrongFocus
                    text: chip.modelData
                    Accessible.role: Accessible.Button
                    Accessible.name: qsTr("Show: %1").arg(text)
                    onClicked: {
                        viewer.active = true;
                        (viewer.item as TextViewer).show(root.question.pastedText(chip.index));
                    }

                    contentItem: Item {
                        implicitWidth: words.leftPadding + mark.width + label.anchors.leftMargin + label.implicitWidth + words.rightPadding

                        PIcon {
                            id: mark

                            anchors.verticalCenter: parent.verticalCenter
                            path: Icons.file
                            size: Metrics.iconSmall
                        }

                        PText {
                            id: label

                            anchors.left: mark.right
                            anchors.leftMargin: Metrics.s
                            anchors.right: parent.right
                            anchors.verticalCenter: parent.verticalCenter
                            text: chip.modelData
                            color: words.hovered ? Theme.ink : Theme.inkSoft
                            font.pixelSize: Typography.small
                            elide: Text.ElideRight
                            Accessible.ignored: true
                        }
                    }

                    background: PFocusRing {
                        control: words
                        shown: words.visualFocus
                    }
                }

                PIconButton {
                    id: remove

                    objectName: "pasted.remove"
                    anchors.verticalCenter: parent.verticalCenter
                    small: true
                    iconPath: Icons.close
                    text: qsTr("Remove the pasted text")
                    onClicked: root.question.remove(chip.index)
                }
            }
        }
    }

    Loader {
        id: viewer

        active: false
        sourceComponent: TextViewer {
            title: qsTr("Pasted text")
        }
    }
}
