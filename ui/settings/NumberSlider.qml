import QtQuick
import Ponder.Theme

// A number by slider, with its value beside it. Reports only what the person chose.
Row {
    id: root

    required property string label
    required property real current
    property real from: 0
    property real to: 1
    property real stepSize: 0.01
    property int decimals: 2

    signal chosen(value: real)

    spacing: Metrics.s

    PSlider {
        id: slider

        anchors.verticalCenter: parent.verticalCenter
        width: 150
        label: root.label
        from: root.from
        to: root.to
        stepSize: root.stepSize
        value: root.current
        onMoved: root.chosen(value)
    }

    PText {
        anchors.verticalCenter: parent.verticalCenter
        width: Metrics.xxl + Metrics.xs
        horizontalAlignment: Text.AlignRight
        text: Number(slider.value).toLocaleString(Qt.locale(), "f", root.decimals)
        color: root.enabled ? Theme.inkSoft : Theme.inkOff
        font.features: {
            "tnum": 1
        }
    }
}
