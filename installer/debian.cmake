# The Debian package, as CPack makes it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ponder)
set(CPACK_PACKAGE_VENDOR "The Ponder developers")
# The developers have no common address; .invalid says so (RFC 2606).
set(CPACK_PACKAGE_CONTACT "The Ponder developers <developers@ponder.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Chat with reasoning models on this computer, offline")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Ponder runs models that think before they answer, in the same process as its
window. The thought is shown while it happens, apart from the answer.
Conversations stay on this computer: the program closes itself to the network
when it starts, and shows the proof.
.
ponder is the window, ponder-cli the same engine on the terminal.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_INSTALL_CMAKE_PROJECTS
  "${CMAKE_BINARY_DIR};ponder;program;/;${CMAKE_BINARY_DIR};ponder;debian;/")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What the linked libraries do not show: what is loaded at run time, and the oldest SQLite whose SQL is the
# storage's (its symbols are older).
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libsqlite3-0 (>= 3.40), \
qml6-module-qtquick, qml6-module-qtquick-controls, \
qml6-module-qt-labs-folderlistmodel, qml6-module-qtquick-effects, qml6-module-qtquick-layouts, \
qml6-module-qtquick-shapes, qml6-module-qtquick-templates, qml6-module-qtquick-window, qml6-module-qtcore, \
qml6-module-qtqml, qml6-module-qtqml-models, qml6-module-qtqml-workerscript, qt6-wayland (>= 6.8)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS
  "fonts-dejavu-core, fonts-noto-color-emoji, fonts-noto-cjk, libgl1-mesa-dri, shared-mime-info")
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_SOURCE_DIR}/cpack_checks.cmake)
include(CPack)
