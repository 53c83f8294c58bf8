pragma ComponentBehavior: Bound

import QtQuick

// A raised surface: menus, dialogs, the composer.
Rectangle {
    id: root

    // 0 lies on the page, 1 floats above it, 2 covers it.
    property int elevation: 0

    color: Theme.raised
    radius: Metrics.radiusLarge
    border.width: Metrics.hair
    border.color: elevation > 0 ? Theme.line : Theme.hairline

    // A shadow in four soft layers: cheap, and the same in every renderer.
    Repeater {
        model: root.elevation > 0 ? 4 : 0

        Rectangle {
            required property int index

            z: -1
            x: -index - 1
            y: root.elevation * 2 - index
            width: root.width + 2 * (index + 1)
            height: root.height + 2 * (index + 1)
            radius: root.radius + index + 1
            color: Theme.shadow
            opacity: (Theme.dark ? 0.30 : 0.22) * root.elevation / (index + 1.5)
        }
    }
}
