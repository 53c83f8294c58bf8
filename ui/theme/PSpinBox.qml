import QtQuick
import QtQuick.Templates as T

// A whole number, typed or stepped.
T.SpinBox {
    id: root

    property string label
    property string leastText // shown for the least value; empty: the number

    implicitWidth: 132
    implicitHeight: Metrics.control
    leftPadding: Metrics.control
    rightPadding: Metrics.control
    editable: true
    font.family: Typography.sans
    font.pixelSize: Typography.ui
    font.hintingPreference: Font.PreferNoHinting
    textFromValue: (value, locale) => value === from && leastText !== "" ? leastText : Number(value).toLocaleString(locale, "f", 0)
    valueFromText: (text, locale) => {
        const digits = text.replace(/[^0-9]/g, "");
        return digits === "" ? from : Number(digits) * (/^[-−]/.test(text) ? -1 : 1);
    }
    validator: IntValidator {
        bottom: root.from
        top: root.to
    }
    Accessible.role: Accessible.SpinBox
    Accessible.name: label

    contentItem: TextInput {
        text: root.displayText
        font: root.font
        color: root.enabled ? Theme.ink : Theme.inkOff
        selectionColor: Theme.selection
        selectedTextColor: Theme.ink
        selectByMouse: true
        horizontalAlignment: Qt.AlignHCenter
        verticalAlignment: Qt.AlignVCenter
        readOnly: !root.editable
        validator: root.validator
        inputMethodHints: Qt.ImhDigitsOnly
        Accessible.name: root.label
    }

    down.indicator: StepButton {
        text: "−"
        pressed: root.down.pressed
        hovered: root.down.hovered
    }
    up.indicator: StepButton {
        x: root.width - width
        text: "+"
        pressed: root.up.pressed
        hovered: root.up.hovered
    }

    background: Rectangle {
        radius: Metrics.radius
        color: Theme.raised
        border.width: root.activeFocus ? Metrics.focusRing : Metrics.hair
        border.color: root.activeFocus ? Theme.accent : Theme.line
    }

    component StepButton: Rectangle {
        id: button

        property string text
        property bool pressed
        property bool hovered

        implicitWidth: Metrics.control
        implicitHeight: Metrics.control
        radius: Metrics.radius
        color: pressed ? Theme.press : hovered ? Theme.hover : "transparent"

        PText {
            anchors.centerIn: parent
            text: button.text
            color: button.enabled ? Theme.inkSoft : Theme.inkOff
            font.pixelSize: Typography.title
            Accessible.ignored: true
        }
    }
}
