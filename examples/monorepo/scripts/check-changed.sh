#!/bin/sh
# Tests the packages that the branch changed. Ends with 0 when all are green.
set -eu
base=$(git merge-base HEAD "${1:-origin/main}")
git diff --name-only "$base" HEAD -- packages | cut -d/ -f1,2 | sort -u | while read -r package; do
  [ -f "$package/package.json" ] || continue # removed by the branch
  npm test --workspace "$package" </dev/null
done
