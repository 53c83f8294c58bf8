# Run at installation, by the script that qt_generate_deploy_script() makes in CMakeLists.txt, which sets what
# is used here: brings Qt and every other library but the C library into lib/ponder.
set(QT_DEPLOY_BIN_DIR bin)
set(QT_DEPLOY_LIB_DIR lib/ponder)
set(QT_DEPLOY_PLUGINS_DIR lib/ponder/plugins)
set(QT_DEPLOY_QML_DIR lib/ponder/qml)

# The modules that our QML imports. qt_deploy_qml_imports() would need Qt's scan at build time, which warns
# of Qt's own modules (ponder_use_qml says more), so the scanner is asked here.
set(arguments)
foreach(folder IN LISTS qml_sources)
  list(APPEND arguments -rootPath "${folder}")
endforeach()
execute_process(COMMAND "${qmlimportscanner}" ${arguments} -importPath "${qml_folder}"
  OUTPUT_VARIABLE imports RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "The imports of Ponder's QML could not be read (${qmlimportscanner}: ${status}).")
endif()
set(modules)
string(JSON count LENGTH "${imports}")
math(EXPR last "${count} - 1")
foreach(index RANGE ${last})
  string(JSON path ERROR_VARIABLE none GET "${imports}" ${index} path)
  string(JSON relative ERROR_VARIABLE none GET "${imports}" ${index} relativePath)
  # Every control is drawn in style Basic, as main() says.
  if(NOT path MATCHES "NOTFOUND$" AND NOT relative MATCHES "NOTFOUND$"
      AND NOT relative MATCHES "^QtQuick/(NativeStyle|Controls/(Fusion|Imagine|Material|Universal|FluentWinUI3|Windows|macOS|iOS|designer))")
    file(GLOB libraries "${path}/*.so")
    file(INSTALL "${path}/qmldir" ${libraries} DESTINATION "${CMAKE_INSTALL_PREFIX}/${QT_DEPLOY_QML_DIR}/${relative}")
    list(APPEND modules ${libraries})
  endif()
endforeach()
if(NOT modules)
  message(FATAL_ERROR "No QML module was found in ${qml_folder}.")
endif()

# Qt's own list has all plugins of all kinds. These open a window, draw icons and take what is typed; none
# opens a connection.
set(__QT_DEPLOY_PLUGINS)
foreach(pattern
    platforms/libqxcb platforms/libqwayland-* platforms/libqoffscreen xcbglintegrations/*
    wayland-shell-integration/libxdg-shell wayland-graphics-integration-client/* wayland-decoration-client/*
    platforminputcontexts/libcomposeplatforminputcontextplugin
    platforminputcontexts/libibusplatforminputcontextplugin platformthemes/libqxdgdesktopportal
    imageformats/libqsvg iconengines/libqsvgicon)
  file(GLOB found "${plugins_folder}/${pattern}.so")
  if(NOT found)
    message(WARNING "Qt has no plugin ${pattern} here.")
  endif()
  list(APPEND __QT_DEPLOY_PLUGINS ${found})
endforeach()
# They find their libraries by the programs' DT_RPATH.
set(__QT_DEPLOY_MUST_ADJUST_PLUGINS_RPATH OFF)

# The C library belongs to the machine, whose loader is a part of it.
qt_deploy_runtime_dependencies(EXECUTABLE "${ponder}" GENERATE_QT_CONF NO_TRANSLATIONS
  PRE_EXCLUDE_REGEXES "^libproxy\\.so" # no_proxy.c stands in for it
  ADDITIONAL_EXECUTABLES "${ponder_cli}" ADDITIONAL_MODULES ${modules} ${cuda_module}
  POST_EXCLUDE_REGEXES "/(ld-linux-x86-64|lib(c|m|dl|pthread|rt|resolv|util|anl|mvec))\\.so")
