import QtQuick

// Text of the interface. Plain unless asked otherwise, so that nothing a model or a file says is
// ever read as mark-up.
Text {
    color: Theme.ink
    font.family: Typography.sans
    font.pixelSize: Typography.ui
    font.hintingPreference: Font.PreferNoHinting
    font.features: Typography.literal
    textFormat: Text.PlainText
    linkColor: Theme.accent
    Accessible.role: Accessible.StaticText
    Accessible.name: text
}
