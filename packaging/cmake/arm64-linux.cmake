# SPDX-License-Identifier: GPL-2.0-or-later
# Builds for 64-bit Arm on another machine, with Debian's cross compiler and its libraries for arm64
# (packaging/install-dependencies --arm64); programs of the build run under qemu.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
get_filename_component(CMAKE_SYSROOT "${CMAKE_CURRENT_LIST_DIR}/../../build/arm64-sysroot" ABSOLUTE)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${CMAKE_SYSROOT}")
set(ENV{PKG_CONFIG_LIBDIR} "${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig")
find_program(QEMU_PROGRAM NAMES qemu-aarch64-static qemu-aarch64)
if(QEMU_PROGRAM)
    # qemu keeps a book of all pages of a mapping, and a pipe is read into one as large as can be: so
    # there are few addresses. Its own option -R for that makes it report wrong ones with SIGBUS.
    set(CMAKE_CROSSCOMPILING_EMULATOR prlimit --as=17179869184 "${QEMU_PROGRAM}" -L "${CMAKE_SYSROOT}")
endif()
