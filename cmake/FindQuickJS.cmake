# QuickJS as Debian packages it: a header and a static library, no CMake files. Makes QuickJS::QuickJS.
find_path(QuickJS_INCLUDE_DIR quickjs/quickjs.h)
find_library(QuickJS_LIBRARY quickjs PATH_SUFFIXES quickjs)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(QuickJS REQUIRED_VARS QuickJS_LIBRARY QuickJS_INCLUDE_DIR)
mark_as_advanced(QuickJS_INCLUDE_DIR QuickJS_LIBRARY)

if(QuickJS_FOUND AND NOT TARGET QuickJS::QuickJS)
  find_package(Threads REQUIRED)
  add_library(QuickJS::QuickJS STATIC IMPORTED)
  set_target_properties(QuickJS::QuickJS PROPERTIES
    IMPORTED_LOCATION ${QuickJS_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${QuickJS_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES "Threads::Threads;m;${CMAKE_DL_LIBS}")
endif()
