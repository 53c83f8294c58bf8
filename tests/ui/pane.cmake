# The theme, the Markdown blocks and the thought pane.

qt_add_executable(ponder-gallery EXCLUDE_FROM_ALL gallery/main.cpp)
qt_add_qml_module(ponder-gallery URI Ponder.Gallery VERSION 1.0
  QML_FILES gallery/ControlsPage.qml gallery/PopupsPage.qml
  IMPORT_PATH ${CMAKE_BINARY_DIR}/qml OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/qml/Ponder/Gallery)
target_link_libraries(ponder-gallery PRIVATE ponder_options Qt6::Quick Qt6::Test)
ponder_use_qml(ponder-gallery ponder_ui_theme)
