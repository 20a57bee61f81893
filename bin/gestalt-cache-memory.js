#!/usr/bin/env sh
":" /*
# A shell runs this part, up to the line that starts Node; to Node it is a comment.
#
# Node resets ignored signals to their defaults before any script runs, and its own
# descriptors look like those that it inherits. So the shell records both.
GESTALT_CACHE_MEMORY_IGNORED_SIGNALS=$(grep SigIgn: /proc/self/status 2>/dev/null || trap)
GESTALT_CACHE_MEMORY_DESCRIPTORS=
for file in /dev/fd/*; do
  # Without those of the shell itself: a directory that it has listed, and this file.
  [ -e "$file" ] && ! [ "$file" -ef "$0" ] &&
    GESTALT_CACHE_MEMORY_DESCRIPTORS="$GESTALT_CACHE_MEMORY_DESCRIPTORS ${file#/dev/fd/}"
done
export GESTALT_CACHE_MEMORY_IGNORED_SIGNALS GESTALT_CACHE_MEMORY_DESCRIPTORS
exec node "$0" "$@"
*/
import "../dist/cli/main.js";
