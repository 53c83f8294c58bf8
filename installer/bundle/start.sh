#!/bin/sh
# Starts @PROGRAM@ from the folder that this file lies in, wherever that is.
here=$(dirname "$(readlink -f "$0")")
libc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2)
if [ "$(printf '%s\n' "@GLIBC@" "${libc:-@GLIBC@}" | sort -V | head -n 1)" != "@GLIBC@" ]; then
  echo "This copy of Ponder needs version @GLIBC@ of the C library (glibc); this system has $libc. Use a newer system, or build Ponder on this one: ./dev run in its source." >&2
  exit 1
fi
# Libraries that graphics drivers use too are taken from the system. These stand in for those it has not.
known=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null)
spare=
for folder in "$here"/lib/ponder/spare/*/; do
  name=${folder%/}
  name=${name##*/}
  case $known in
    *"$name (libc6,x86-64"*) ;;
    *) spare=$spare${spare:+:}${folder%/} ;;
  esac
done
if [ "$spare" ]; then
  export LD_LIBRARY_PATH="$spare${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi
# Where not even the library that finds drivers is, there are none.
case $spare in
  */libGLX.so.0* | */libEGL.so.1*) export QT_QUICK_BACKEND="${QT_QUICK_BACKEND:-software}" ;;
esac
if [ ! -e /etc/fonts/fonts.conf ] && [ -z "$FONTCONFIG_FILE" ]; then
  export FONTCONFIG_FILE="$here/share/ponder/fonts.conf"
fi
if [ -z "${LC_ALL:-${LC_CTYPE:-$LANG}}" ]; then
  export LANG=C.UTF-8 # Qt needs UTF-8, and prints a warning without it
fi
exec "$here/bin/@PROGRAM@" "$@"
