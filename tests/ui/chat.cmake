# The chat, the library, the settings.

ponder_qt_test(tst_MessageListModel SOURCES tst_MessageListModel.cpp LIBRARIES ponder_ui_chat)
ponder_qt_test(tst_TokenStatisticsSize SOURCES tst_TokenStatisticsSize.cpp LIBRARIES ponder_ui_chat)
ponder_qt_test(tst_ConversationListModel SOURCES tst_ConversationListModel.cpp
  LIBRARIES ponder_ui_library)
ponder_qt_test(tst_ChatTemplateViewModel SOURCES tst_ChatTemplateViewModel.cpp
  LIBRARIES ponder_ui_chat ponder_ui_library)
ponder_qt_test(tst_DeviceListModel SOURCES tst_DeviceListModel.cpp LIBRARIES ponder_ui_settings)
ponder_qt_test(tst_DeviceViewModel SOURCES tst_DeviceViewModel.cpp
  LIBRARIES ponder_ui_chat ponder_ui_library)
ponder_qt_test(tst_ChatViewModel SOURCES tst_ChatViewModel.cpp
  LIBRARIES ponder_ui_chat ponder_ui_library)
ponder_qt_test(tst_AnswerEnding SOURCES tst_AnswerEnding.cpp
  LIBRARIES ponder_ui_chat ponder_ui_library)
ponder_qt_test(tst_PlainText SOURCES tst_PlainText.cpp LIBRARIES ponder_ui_chat)
ponder_qt_test(tst_TokenTrace SOURCES tst_TokenTrace.cpp LIBRARIES ponder_ui_chat)
ponder_qt_test(tst_QuestionText SOURCES tst_QuestionText.cpp LIBRARIES ponder_ui_chat)

# The tst_*.qml of a folder each.
foreach(feature Chat Library Settings)
  string(TOLOWER ${feature} folder)
  ponder_qt_test(tst_${feature}Quick SOURCES chat_quick.cpp LIBRARIES Qt6::QuickTest)
  ponder_use_qml(tst_${feature}Quick ponder_ui_theme ponder_ui_markdown ponder_ui_thought
    ponder_ui_library ponder_ui_settings ponder_ui_chat)
  target_compile_definitions(tst_${feature}Quick PRIVATE
    QUICK_TEST_SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}/${folder}")
endforeach()

ponder_qt_test(tst_ModelPath SOURCES tst_ModelPath.cpp LIBRARIES ponder_ui_chat)
ponder_qt_test(tst_SystemHints SOURCES tst_SystemHints.cpp LIBRARIES ponder_ui_chat)
ponder_qt_test(tst_WindowPlace SOURCES tst_WindowPlace.cpp LIBRARIES ponder_ui_settings)

# These show no QML: nothing to scan for.
set_target_properties(tst_MessageListModel tst_TokenStatisticsSize tst_ConversationListModel tst_ChatViewModel
  tst_ChatTemplateViewModel tst_DeviceListModel tst_DeviceViewModel tst_AnswerEnding tst_PlainText tst_QuestionText
  tst_ModelPath tst_SystemHints tst_TokenTrace tst_WindowPlace
  PROPERTIES QT_QML_MODULE_NO_IMPORT_SCAN TRUE)
