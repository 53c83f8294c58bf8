# The window.
set(icon ${CMAKE_SOURCE_DIR}/resources/icons/ponder.svg)
set_source_files_properties(${icon} PROPERTIES QT_RESOURCE_ALIAS ponder.svg)
set(QT_QML_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/qml)
ponder_qml_module(ponder_app_window Ponder.App
  QML_FILES DropTarget.qml MainWindow.qml ModelFileList.qml Notices.qml OpenModelDialog.qml TemplateDialog.qml WindowShortcuts.qml
  RESOURCES ${icon})
# What is asked of the system before there is a window.
ponder_library(ponder_window_start SOURCES display_problem.cpp drawing.cpp PUBLIC Qt6::Gui)
qt_add_executable(ponder main.cpp window_options.cpp window_options.h)
ponder_use_qml(ponder ponder_app_window ${PONDER_WINDOW_MODULES})
target_link_libraries(ponder PRIVATE ponder_options ponder_seldom_busy ponder_offline ponder_window_start ponder_storage
  Qt6::Quick Qt6::QuickControls2)
target_compile_definitions(ponder PRIVATE
  PONDER_VERSION="${PROJECT_VERSION}"
  PONDER_STARTER_IN_TREE="${CMAKE_SOURCE_DIR}/resources/starter/ponder-starter.gguf")
