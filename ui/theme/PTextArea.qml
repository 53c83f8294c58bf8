import QtQuick
import QtQuick.Templates as T

// Several lines of text without a frame: put it into a PCard and a Flickable.
T.TextArea {
    id: root

    property string label: placeholderText

    implicitWidth: Math.max(220, contentWidth + leftPadding + rightPadding)
    implicitHeight: contentHeight + topPadding + bottomPadding
    padding: Metrics.m
    font.family: Typography.sans
    font.pixelSize: Typography.body
    font.hintingPreference: Font.PreferNoHinting
    font.features: Typography.literal
    color: enabled ? Theme.ink : Theme.inkOff
    placeholderTextColor: Theme.inkFaint
    selectionColor: Theme.selection
    selectedTextColor: Theme.ink
    textFormat: TextEdit.PlainText
    wrapMode: TextEdit.Wrap
    selectByMouse: true
    Accessible.name: label

    // A tab moves the focus here: as text it would trap a person without a mouse.
    Keys.onTabPressed: nextItemInFocusChain().forceActiveFocus(Qt.TabFocusReason)
    Keys.onBacktabPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)

    PText {
        x: root.leftPadding
        y: root.topPadding
        width: root.width - root.leftPadding - root.rightPadding
        visible: root.length === 0 && root.preeditText === ""
        text: root.placeholderText
        color: root.placeholderTextColor
        font: root.font
        elide: Text.ElideRight
        Accessible.ignored: true
    }
}
