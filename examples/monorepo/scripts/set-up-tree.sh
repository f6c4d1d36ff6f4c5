#!/bin/sh
# Runs in each new worktree before the agent begins. npm's cache is shared, so only the first worktree downloads.
set -eu
npm ci --prefer-offline --no-audit --no-fund --cache "$TAC8_ROOT/.cache/npm"
