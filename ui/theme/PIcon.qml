import QtQuick
import QtQuick.Shapes

// One of Icons' paths. Decoration: the control that holds it carries the accessible name.
Item {
    id: root

    required property string path
    property color color: Theme.inkSoft
    property int size: Metrics.icon
    property real weight: 1.6
    property bool filled: false

    implicitWidth: size
    implicitHeight: size
    // Without a GPU, Qt draws a shape that a list has scrolled out of sight over what lies there; not so a picture.
    layer.enabled: GraphicsInfo.api === GraphicsInfo.Software

    Shape {
        width: 24
        height: 24
        scale: root.size / 24
        transformOrigin: Item.TopLeft
        preferredRendererType: Shape.CurveRenderer

        ShapePath {
            strokeColor: root.color
            strokeWidth: root.weight * 24 / Math.max(root.size, 1) * (root.size / Metrics.icon)
            fillColor: root.filled ? root.color : "transparent"
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin

            PathSvg {
                path: root.path
            }
        }
    }
}
