#!/usr/bin/env bash
# Trigger a full assessment on your Prefect server, follow it, and fail when it fails.
#   PREFECT_API_URL  the server's API, such as https://prefect.example.com/api (required)
#   ESTATE           saved estate block, or an estate file that the worker can read (default: default)
#   TIMEOUT_S        how long to follow it, seconds (default: 14400)
# Further arguments go to `prefect deployment run`, such as --param 'scope={"regions": ["eu-central-1"]}'.
set -euo pipefail
: "${PREFECT_API_URL:?set PREFECT_API_URL to the API of your Prefect server}"
exec prefect --no-prompt deployment run assess-estate/full \
  --param "estate=${ESTATE:-default}" --tag ci --watch --watch-timeout "${TIMEOUT_S:-14400}" "$@"
