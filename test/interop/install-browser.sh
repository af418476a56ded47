#!/bin/sh
# Installs what the parts `page` and `metrics` need: Debian's Chromium, and promtool of
# its prometheus package. Needs root.
set -eu
apt-get update -qq
apt-get install -y --no-install-recommends chromium prometheus fonts-dejavu-core
