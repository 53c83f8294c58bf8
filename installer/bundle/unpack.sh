#!/bin/sh
# Ponder @VERSION@ in one file. sh FILE [FOLDER] unpacks it into FOLDER (./@NAME@); with --start it starts, too.
set -eu
start=
folder=
for word; do
  case $word in
    --start) start=1 ;;
    -*)
      echo "usage: sh $0 [--start] [FOLDER]"
      echo "Unpacks Ponder @VERSION@ into FOLDER (./@NAME@ if none is given)."
      [ "$word" = --help ] && exit 0
      exit 2
      ;;
    *) folder=$word ;;
  esac
done
folder=${folder:-./@NAME@}
if [ "$(uname -m)" != x86_64 ]; then
  echo "This copy of Ponder is for x86-64 processors; this one is $(uname -m)." >&2
  exit 1
fi
if [ -e "$folder" ] && [ "$(ls -A "$folder")" ]; then
  if [ "$start" ] && [ -x "$folder/ponder" ]; then
    exec "$folder/ponder"
  fi
  echo "$folder is there already, and not empty. Name another folder: sh $0 FOLDER" >&2
  exit 1
fi
# Unpacked beside it and then renamed, so that half a copy is never taken for a whole one.
folder=${folder%/}
mkdir -p "$(dirname "$folder")"
part=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$part"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$part"
if ! tail -n +@LINES@ "$0" | gzip -dc | tar -xf - -C "$part" --strip-components 1; then
  echo "$0 could not be unpacked into $folder: the disk may be full, or the file incomplete." >&2
  exit 1
fi
[ ! -d "$folder" ] || rmdir "$folder"
mv "$part" "$folder"
echo "Ponder @VERSION@ is in $folder. Start it with $folder/ponder, in a terminal with $folder/ponder-cli."
if [ "$start" ]; then
  exec "$folder/ponder"
fi
exit 0
