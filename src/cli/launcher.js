#!/usr/bin/env sh
":" /*
# The installed command, dist/cli/main.js. A shell runs this part, up to the line that starts
# Node. For Node this part is a comment.
#
# Node resets ignored signals before any script runs, and its own descriptors look like inherited
# ones. So the shell records both. It also records the variables whose names are not valid in a
# shell, because many shells drop them.
GESTALT_CACHE_MEMORY_IGNORED_SIGNALS=$(grep SigIgn: /proc/self/status 2>/dev/null || trap)
GESTALT_CACHE_MEMORY_DESCRIPTORS=
for file in /dev/fd/*; do
  # Not the shell's own: the directory that it lists, and this file.
  [ -e "$file" ] && ! [ "$file" -ef "$0" ] &&
    GESTALT_CACHE_MEMORY_DESCRIPTORS="$GESTALT_CACHE_MEMORY_DESCRIPTORS ${file#/dev/fd/}"
done
export GESTALT_CACHE_MEMORY_IGNORED_SIGNALS GESTALT_CACHE_MEMORY_DESCRIPTORS
if [ -r "/proc/$$/environ" ]; then
  # One variable per line; a line break within a variable becomes the control character 1.
  GESTALT_CACHE_MEMORY_VARIABLES=$(
    tr '\n\000' '\001\n' <"/proc/$$/environ" | LC_ALL=C sed '/^[A-Za-z_][0-9A-Za-z_]*=/d'
  )
  export GESTALT_CACHE_MEMORY_VARIABLES
fi
exec node "$0" "$@"
*/
import "./command.js";
