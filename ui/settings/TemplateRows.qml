import QtQuick
import Ponder.Theme

// With which chat template the model is asked.
Column {
    id: root

    required property ChatTemplateViewModel chatTemplate

    function takeFocus(): void {
        box.forceActiveFocus(Qt.TabFocusReason);
    }

    spacing: Metrics.xs

    SettingsRow {
        title: qsTr("Chat template")
        detail: qsTr("how the conversation is written for this model")

        PComboBox {
            id: box

            objectName: "settings.chatTemplate"
            implicitWidth: Math.min(310, root.width * 0.6)
            label: qsTr("Chat template of this model")
            model: root.chatTemplate.choices
            currentIndex: root.chatTemplate.current
            Accessible.description: words.text
            onActivated: index => {
                root.chatTemplate.choose(index);
                currentIndex = Qt.binding(() => root.chatTemplate.current);
            }
        }
    }

    PText {
        id: words

        objectName: "settings.templateWords"
        width: parent.width
        visible: text !== ""
        text: {
            const used = root.chatTemplate.inUse === "" ? "" : qsTr("Now: %1.").arg(root.chatTemplate.inUse);
            return root.chatTemplate.file === "" ? used : used + "\n" + root.chatTemplate.file;
        }
        textFormat: Text.PlainText
        color: Theme.inkFaint
        font.pixelSize: Typography.caption
        lineHeight: Typography.denseLineHeight
        wrapMode: Text.WrapAnywhere
    }
}
