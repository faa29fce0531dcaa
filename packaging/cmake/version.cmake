# SPDX-License-Identifier: GPL-2.0-or-later
# The version: from the git tag vN.N.N, with the commits since it as in 0.1.0+12.g6f6f667; without a
# tag from the file VERSION, which the source tarball has; without either the one given here.
#
# SCOPEDUMP_VERSION         the version in full
# SCOPEDUMP_VERSION_NUMBER  its three numbers
set(SCOPEDUMP_VERSION 0.1.0)

set(version "")
if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/.git")
    find_program(GIT_PROGRAM git)
    if(GIT_PROGRAM)
        execute_process(COMMAND ${GIT_PROGRAM} describe --tags --match "v[0-9]*"
                        WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
                        OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        string(REGEX REPLACE "-([0-9]+)-(g[0-9a-f]+)$" "+\\1.\\2" version "${version}")
    endif()
elseif(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/VERSION")
    file(STRINGS "${CMAKE_CURRENT_SOURCE_DIR}/VERSION" version LIMIT_COUNT 1)
endif()

if(version MATCHES "^v?([0-9]+\\.[0-9]+\\.[0-9]+(\\+[0-9]+\\.g[0-9a-f]+)?)$")
    set(SCOPEDUMP_VERSION "${CMAKE_MATCH_1}")
elseif(NOT version STREQUAL "")
    message(WARNING "\"${version}\" is no version as in v0.1.0: this is called ${SCOPEDUMP_VERSION}")
endif()
string(REGEX MATCH "^[0-9.]+" SCOPEDUMP_VERSION_NUMBER "${SCOPEDUMP_VERSION}")
