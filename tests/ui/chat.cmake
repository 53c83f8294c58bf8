# The chat, the library, the settings.

ponder_qt_test(tst_MessageListModel SOURCES tst_MessageListModel.cpp LIBRARIES ponder_ui_chat)
ponder_qt_test(tst_ConversationListModel SOURCES tst_ConversationListModel.cpp
  LIBRARIES ponder_ui_library)
ponder_qt_test(tst_ChatViewModel SOURCES tst_ChatViewModel.cpp
  LIBRARIES ponder_ui_chat ponder_ui_library)

# tst_Composer.qml and tst_MessageList.qml.
ponder_qt_test(tst_ChatQuick SOURCES chat_quick.cpp LIBRARIES Qt6::QuickTest)
ponder_use_qml(tst_ChatQuick ponder_ui_theme ponder_ui_markdown ponder_ui_thought ponder_ui_library
  ponder_ui_settings ponder_ui_chat)
target_compile_definitions(tst_ChatQuick PRIVATE
  QUICK_TEST_SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}/chat")

# These show no QML: nothing to scan for.
set_target_properties(tst_MessageListModel tst_ConversationListModel tst_ChatViewModel
  PROPERTIES QT_QML_MODULE_NO_IMPORT_SCAN TRUE)
