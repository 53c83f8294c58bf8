# The filter that closes both programs to the network; called first in each main.
find_package(PkgConfig REQUIRED)
pkg_check_modules(libseccomp REQUIRED IMPORTED_TARGET libseccomp)

ponder_library(ponder_offline SOURCES offline.cpp offline_filter.cpp PRIVATE PkgConfig::libseccomp)
