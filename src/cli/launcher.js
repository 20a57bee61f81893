#!/usr/bin/env sh
":" /*
# The command as it is installed: dist/cli/main.js. A shell runs this part, up to the line
# that starts Node; to Node it is a comment.
#
# Node resets ignored signals to their defaults before any script runs, and its own
# descriptors look like those that it inherits. So the shell records both; and, as many
# shells drop them, the variables whose names are none to a shell.
GESTALT_CACHE_MEMORY_IGNORED_SIGNALS=$(grep SigIgn: /proc/self/status 2>/dev/null || trap)
GESTALT_CACHE_MEMORY_DESCRIPTORS=
for file in /dev/fd/*; do
  # Without those of the shell itself: a directory that it has listed, and this file.
  [ -e "$file" ] && ! [ "$file" -ef "$0" ] &&
    GESTALT_CACHE_MEMORY_DESCRIPTORS="$GESTALT_CACHE_MEMORY_DESCRIPTORS ${file#/dev/fd/}"
done
export GESTALT_CACHE_MEMORY_IGNORED_SIGNALS GESTALT_CACHE_MEMORY_DESCRIPTORS
if [ -r "/proc/$$/environ" ]; then
  # One a line; a line break inside becomes the control character 1.
  GESTALT_CACHE_MEMORY_VARIABLES=$(
    tr '\n\000' '\001\n' <"/proc/$$/environ" | LC_ALL=C sed '/^[A-Za-z_][0-9A-Za-z_]*=/d'
  )
  export GESTALT_CACHE_MEMORY_VARIABLES
fi
exec node "$0" "$@"
*/
import "./command.js";
