#!/bin/sh
# Makes the fixture of the schema's newest version: tests/data/storage/vN.db, once for every N, with
# the storage as it is when N is released. Run from the root of the project after a build:
#     tests/data/storage/make.sh 1
set -eu
file=tests/data/storage/v$1.db
if [ -e "$file" ]; then
    echo "$file is there already; a released version never changes" >&2
    exit 1
fi
build/tests/storage_writer example "$file"
rm -f "$file.lock" "$file.reserve"
