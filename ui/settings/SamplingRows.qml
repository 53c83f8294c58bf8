import QtQuick
import Ponder.Theme

// How the next token is drawn.
Column {
    id: root

    required property SettingsViewModel settings

    spacing: Metrics.m

    SettingsRow {
        title: qsTr("Temperature")
        detail: qsTr("0: always the likeliest token")

        NumberSlider {
            label: qsTr("Temperature")
            to: 2
            stepSize: 0.05
            current: root.settings.temperature
            onChosen: value => root.settings.temperature = value
        }
    }

    SettingsRow {
        title: qsTr("Top-p")
        detail: qsTr("keep the likeliest that together reach this; 1: all")

        NumberSlider {
            label: qsTr("Top-p")
            current: root.settings.topP
            onChosen: value => root.settings.topP = value
        }
    }

    SettingsRow {
        title: qsTr("Top-k")
        detail: qsTr("keep this many; 0: all")

        PSpinBox {
            label: qsTr("Top-k")
            from: 0
            to: 1000
            value: root.settings.topK
            onValueModified: root.settings.topK = value
        }
    }

    SettingsRow {
        title: qsTr("Min-p")
        detail: qsTr("drop what is less likely than this times the likeliest")

        NumberSlider {
            label: qsTr("Min-p")
            current: root.settings.minP
            onChosen: value => root.settings.minP = value
        }
    }

    SettingsRow {
        title: qsTr("Repetition penalty")
        detail: qsTr("1: none")

        NumberSlider {
            label: qsTr("Repetition penalty")
            from: 1
            to: 2
            current: root.settings.repetitionPenalty
            onChosen: value => root.settings.repetitionPenalty = value
        }
    }
}
